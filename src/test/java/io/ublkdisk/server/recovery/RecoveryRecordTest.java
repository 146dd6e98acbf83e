package io.ublkdisk.server.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.DiskSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecoveryRecordTest {
    private static final DiskSpec SPEC = DiskSpec.builder()
            .name("heir")
            .size("16MiB")
            .recovery(Recovery.FAIL_IO)
            .script("rule a: on read fail IO\nrule b: on write hold")
            .mountOptions("noatime,errors=remount-ro")
            .build();

    @Test
    void isReadAsItWasWritten() throws IOException {
        RecoveryRecord written = new RecoveryRecord(SPEC, -7, Optional.of(Path.of("/run/a folder/media-1")), 12, true);
        RecoveryRecord read = RecoveryRecord.parse(written.text());
        assertThat(read.text()).isEqualTo(written.text());
        assertThat(read.spec().script()).isEqualTo(SPEC.script());
        assertThat(read.spec().recovery()).isEqualTo(Recovery.FAIL_IO);
        assertThat(read.media()).contains(Path.of("/run/a folder/media-1"));
        assertThat(read.owned()).isTrue();
        assertThat(read.seed()).isEqualTo(-7);
    }

    @Test
    void isCalledByNameNumberAndDevice() {
        RecoveryRecord testament = new RecoveryRecord(SPEC, 0, Optional.empty(), 1, false);
        assertThat(testament.isCalled("heir", 3)).isTrue();
        assertThat(testament.isCalled("3", 3)).isTrue();
        assertThat(testament.isCalled("/dev/ublkb3", 3)).isTrue();
        assertThat(testament.isCalled("4", 3)).isFalse();
        assertThat(testament.isCalled("hei", 3)).isFalse();
    }

    @Test
    void nonsenseIsRefused() {
        for (String text : new String[] {"", "seed=1\n", "a\nb\nc\n", "seed=x\nsize=4096\n", "seed=1\nsize=-1\n"}) {
            assertThatThrownBy(() -> RecoveryRecord.parse(text)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void volatileCacheIsLeftOutUnlessAskedFor() {
        assertThat(SPEC.volatileCache()).isFalse();
        assertThat(SPEC.toBuilder().volatileCache(true).build().volatileCache()).isTrue();
        assertThat(SPEC.toBuilder().recovery(Recovery.NONE).build().volatileCache())
                .isTrue();
        assertThatThrownBy(() -> DiskSpec.parse(new io.ublkdisk.protocol.KeyValues().put("recovery", "maybe")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reissue");
    }
}
