package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.crash.Sample;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The crash states of a run that a test has recorded itself. */
@Timeout(240)
class CrashStatesIT {
    private static final int FILES = 3;
    private static final Sample FEW = new Sample(4, true, 1);

    @Test
    void keepsWhatWasForcedInEachAndLosesSomethingInSome(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk)
            throws IOException {
        run(disk, true);
        try (CrashStates states = disk.crashStates(FEW)) {
            assertThat(states.names()).doesNotHaveDuplicates().hasSizeGreaterThan(FILES);
            Set<List<String>> promised = new HashSet<>();
            for (CrashedDisk crashed : states) {
                assertThat(broken(crashed)).as(crashed.state()).isEmpty();
                promised.add(crashed.marks());
                assertThat(states.fsck()).as(crashed.state()).isEmpty();
            }
            assertThat(promised).contains(List.of(), List.of("0", "1", "2"));
            Files.writeString(disk.path("later"), "the first disk goes on");
            CrashedDisk begin = states.show("e0:none");
            assertThat(begin.marks()).isEmpty();
            assertThat(begin.path("file-0")).doesNotExist();
            assertThat(begin.path("later")).doesNotExist();
            assertThatIllegalArgumentException().isThrownBy(() -> states.show("e999:none"));
        }
        assertThat(disk.path("later")).exists();
    }

    @Test
    void breaksSomePromiseOfWhoDoesNotForce(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        run(disk, false);
        disk.unmount();
        disk.mount();
        CrashStates states = disk.crashStates(FEW); // the end of the test closes it
        Set<String> broken = new HashSet<>();
        for (CrashedDisk crashed : states) {
            broken.addAll(broken(crashed));
        }
        assertThat(broken).isNotEmpty();
    }

    @Test
    void ofARawDiskAreItsBytes(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
        disk.record();
        try (RawDevice device = new RawDevice(disk.device())) {
            device.write(0, Bytes.filled(4096, 1));
            device.write(4096, Bytes.filled(4096, 2));
            device.flush();
        }
        Set<List<Byte>> seen = new HashSet<>();
        try (CrashStates states = disk.crashStates(new Sample(32, false, 0))) {
            for (CrashedDisk crashed : states) {
                try (RawDevice device = new RawDevice(crashed.device())) {
                    seen.add(List.of(device.read(0, 512)[0], device.read(4096, 512)[0]));
                }
            }
        }
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        List.of((byte) 0, (byte) 0),
                        List.of((byte) 1, (byte) 0),
                        List.of((byte) 0, (byte) 2),
                        List.of((byte) 1, (byte) 2));
    }

    @Test
    void saysWhatIsMissing(@UblkDisk(size = "1MiB") Disk disk) {
        assertThatIllegalStateException().isThrownBy(disk::crashStates).withMessageContaining("record() it before");
        disk.record();
        assertThatIllegalStateException()
                .isThrownBy(disk::crashStates)
                .withMessageContaining("nothing has reached disk " + disk.device());
        disk.record();
        assertThatIOException()
                .isThrownBy(() -> {
                    disk.powerCut();
                    disk.crashStates();
                })
                .withMessageContaining("ended early");
    }

    /** A loop over them that looks at none is a test that cannot fail. */
    @Test
    void mustBeLookedAt(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        run(disk, true);
        CrashStates states = disk.crashStates(FEW);
        for (CrashedDisk crashed : states) {
            assertThat(crashed.marks()).doesNotContain("nothing");
        }
        assertThatThrownBy(states::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("crash states was looked at");
        states.close();
    }

    private static void run(Disk disk, boolean forced) throws IOException {
        disk.record();
        for (int i = 0; i < FILES; i++) {
            try (FileChannel file =
                    FileChannel.open(disk.path("file-" + i), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(Bytes.filled(4096, i + 1)));
                if (forced) {
                    file.force(true);
                }
            }
            disk.mark("" + i);
        }
    }

    /** The promises that this state does not keep. */
    private static List<String> broken(CrashedDisk crashed) {
        return crashed.marks().stream()
                .filter(mark -> !hasAll(crashed, Integer.parseInt(mark)))
                .toList();
    }

    private static boolean hasAll(CrashedDisk crashed, int i) {
        try {
            byte[] found = Files.readAllBytes(crashed.path("file-" + i));
            return found.length == 4096 && found[0] == i + 1 && found[4095] == i + 1;
        } catch (IOException gone) {
            return false;
        }
    }
}
