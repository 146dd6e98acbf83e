package io.ublkdisk.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.ProtocolLine;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DiskSpecTest {
    @Test
    void crossesTheWireWhole() throws ProtocolException {
        DiskSpec spec = DiskSpec.builder()
                .name("db")
                .size("512MiB")
                .queues(2)
                .queueDepth(128)
                .logicalBlockSizeBytes(4096)
                .fileSystem(FileSystem.XFS)
                .mkfsOptions("-m reflink=0 -L 'a b'")
                .mountPoint(Path.of("/mnt/with space"))
                .mountOptions("noatime,discard")
                .script("seed 4\nrule a: on read fail IO\n")
                .seed(-7)
                .cacheSizeBytes(1 << 20)
                .build();

        DiskSpec read = DiskSpec.parse(KeyValues.parse(new ProtocolLine(spec.line())));

        assertThat(read.toString()).isEqualTo(spec.toString());
        assertThat(read.name()).contains("db");
        assertThat(read.sizeBytes()).hasValue(512L << 20);
        assertThat(read.queues()).isEqualTo(2);
        assertThat(read.queueDepth()).isEqualTo(128);
        assertThat(read.logicalBlockSizeBytes()).isEqualTo(4096);
        assertThat(read.fileSystem()).isEqualTo(FileSystem.XFS);
        assertThat(read.mkfsOptions()).isEqualTo("-m reflink=0 -L 'a b'");
        assertThat(read.mountPoint()).contains(Path.of("/mnt/with space"));
        assertThat(read.mountOptions()).isEqualTo("noatime,discard");
        assertThat(read.script()).isEqualTo("seed 4\nrule a: on read fail IO\n");
        assertThat(read.seed()).hasValue(-7);
        assertThat(read.mounted()).isTrue();
        assertThat(read.cacheSizeBytes()).isEqualTo(1 << 20);
    }

    @Test
    void hasADefaultForEverything() {
        DiskSpec spec = DiskSpec.builder().build();
        assertThat(spec.sizeBytes()).hasValue(Settings.SIZE.standard());
        assertThat(spec.fileSystem()).isEqualTo(FileSystem.NONE);
        assertThat(spec.mounted()).isFalse();
        assertThat(spec.volatileCache()).isTrue();
        assertThat(DiskSpec.builder().file(Path.of("/disk")).build().sizeBytes())
                .isEmpty();
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong(b -> b.sizeBytes(0), "size 0 bytes", "256MiB"),
                wrong(b -> b.sizeBytes(-4096), "size -4096 bytes", "more than nothing"),
                wrong(b -> b.sizeBytes(512), "size 512 bytes", "4096"),
                wrong(b -> b.sizeBytes(100_000), "size 100000 bytes", "nearest below is 99840"),
                wrong(b -> b.sizeBytes(8704).logicalBlockSizeBytes(4096), "block size 4096", "8192"),
                wrong(b -> b.sizeBytes(Long.MAX_VALUE / 512 * 512), "too large", "1024TiB"),
                wrong(b -> b.queues(0), "queues 0", "1..4096"),
                wrong(b -> b.queueDepth(4097), "depth 4097", "1..4096"),
                wrong(b -> b.logicalBlockSizeBytes(1000), "block-size 1000", "512..4096"),
                wrong(b -> b.logicalBlockSizeBytes(8192), "block-size 8192", "512..4096"),
                wrong(b -> b.maxIoBytes(1000), "max-io 1000", "power of two"),
                wrong(b -> b.cacheSizeBytes(-1), "cache-size -1", "16MiB"),
                wrong(b -> b.volatileCache(false).cacheSizeBytes(4096), "cache-size 4096", "leave out one"),
                wrong(b -> b.name("no spaces"), "'no spaces'", "letters"),
                wrong(b -> b.name("0"), "'0'", "a letter first"),
                wrong(b -> b.name("ublkb7"), "'ublkb7'", "another"),
                wrong(b -> b.size("256MiB").fileSystem(FileSystem.XFS), "256MiB) is too small for xfs", "300MiB"),
                wrong(b -> b.readOnly(true).fileSystem(FileSystem.EXT4), "read-only", "ro"),
                wrong(b -> b.mountPoint(Path.of("mnt")), "'mnt' is relative", "root"),
                wrong(b -> b.mkfsOptions("-q"), "'-q'", "filesystem"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void refusesWhatCannotBeNamingTheValueAndTheRemedy(
            UnaryOperator<DiskSpec.Builder> change, String value, String remedy) {
        DiskSpec.Builder builder = change.apply(DiskSpec.builder());
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(value)
                .hasMessageContaining(remedy);
    }

    @Test
    void aRefusalCanBeHadWithTheNameThatTheUserWrote() {
        assertThatThrownBy(() -> DiskSpec.builder().logicalBlockSizeBytes(1000).build())
                .isInstanceOfSatisfying(SettingException.class, refusal -> {
                    assertThat(refusal.key()).isEqualTo("block-size");
                    assertThat(refusal.messageFor("logicalBlockSize"))
                            .isEqualTo("logicalBlockSize = 1000 is not a power of two within 512..4096");
                });
    }

    @Test
    void refusesFieldsThatItDoesNotKnow() {
        assertThatThrownBy(() -> DiskSpec.parse(KeyValues.parse(new ProtocolLine("sise=1"))))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("unknown field 'sise'; did you mean 'size'?");
        assertThatThrownBy(() -> DiskSpec.parse(KeyValues.parse(new ProtocolLine("size=large"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'large'");
        assertThatThrownBy(() -> DiskSpec.parse(KeyValues.parse(new ProtocolLine("fs=ext5"))))
                .hasMessage("unknown filesystem 'ext5'; known are none, ext4, xfs, btrfs");
        assertThatThrownBy(() -> KeyValues.parse(new ProtocolLine("size=1 size=2")))
                .hasMessageContaining("twice");
    }

    private static Arguments wrong(UnaryOperator<DiskSpec.Builder> change, String value, String remedy) {
        return Arguments.of(change, value, remedy);
    }
}
