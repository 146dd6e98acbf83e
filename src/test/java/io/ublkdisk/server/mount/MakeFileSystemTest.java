package io.ublkdisk.server.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.server.process.Tool;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MakeFileSystemTest {
    @Test
    void readsOptionsAsAShellDoes() {
        assertThat(MakeFileSystem.words("")).isEmpty();
        assertThat(MakeFileSystem.words("  -m 0  -L 'a \"b' \"\" x\"y z\" "))
                .isEqualTo(List.of("-m", "0", "-L", "a \"b", "", "xy z"));
    }

    @Test
    void aToolThatFailsHangsOrIsMissingIsExplained() throws DiskException {
        Tool failing = Tool.start(List.of("sh", "-c", "echo no good >&2; exit 3"));
        assertThatThrownBy(() -> failing.require(Duration.ofSeconds(10), "trying"))
                .hasMessageStartingWith("trying: sh -c")
                .hasMessageContaining("exit status 3: no good");
        Tool hanging = Tool.start(List.of("sleep", "60"));
        assertThatThrownBy(() -> hanging.require(Duration.ofMillis(50), "trying"))
                .hasMessageContaining("longer than");
        hanging.kill();
        assertThat(hanging.await(Duration.ofSeconds(10))).isTrue();
        assertThat(hanging.succeeded()).isFalse();
        assertThatThrownBy(() -> Tool.start(List.of("no-such-tool")))
                .hasMessageContaining("no-such-tool")
                .hasMessageContaining("util-linux");
    }
}
