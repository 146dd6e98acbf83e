package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.kernel.MountCalls;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountOptionsTest {
    @Test
    void tellsTheKernelsOptionsFromTheFilesystems() {
        assertThat(MountOptions.parse("")).isEqualTo(new MountOptions(0, ""));
        assertThat(MountOptions.parse("defaults")).isEqualTo(new MountOptions(0, ""));
        assertThat(MountOptions.parse("ro,noatime,data=journal,discard"))
                .isEqualTo(new MountOptions(MountCalls.MS_RDONLY | MountCalls.MS_NOATIME, "data=journal,discard"));
        assertThat(MountOptions.parse("ro,errors=panic,rw")).isEqualTo(new MountOptions(0, "errors=panic"));
    }

    @Test
    void readsMkfsOptionsAsAShellDoes() {
        assertThat(MakeFileSystem.words("")).isEmpty();
        assertThat(MakeFileSystem.words("  -m 0  -L 'a \"b' \"\" x\"y z\" "))
                .isEqualTo(List.of("-m", "0", "-L", "a \"b", "", "xy z"));
    }
}
