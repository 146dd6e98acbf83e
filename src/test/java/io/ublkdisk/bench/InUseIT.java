package io.ublkdisk.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What somebody has mounted, here or where we cannot see it, is not measured: that would write over it. */
@Timeout(120)
class InUseIT {
    @Test
    void aDiskThatIsMountedAnywhereIsInUse() throws Exception {
        try (ServerProcess server = ServerProcess.start()) {
            RemoteDisk disk = server.connection()
                    .create(DiskSpec.builder()
                            .size("64MiB")
                            .fileSystem(FileSystem.EXT4)
                            .build());
            assertThat(InUse.of(disk.device()))
                    .hasValueSatisfying(why -> assertThat(why).contains("is mounted on"));
            disk.unmount();
            assertThat(InUse.of(disk.device())).isEmpty();

            Process hidden = new ProcessBuilder(
                            "unshare",
                            "--mount",
                            "--propagation",
                            "private",
                            "sh",
                            "-c",
                            "mount " + disk.device() + " /mnt && echo mounted && read end; umount /mnt")
                    .start();
            assertThat(hidden.inputReader().readLine()).isEqualTo("mounted");
            assertThat(InUse.of(disk.device()))
                    .hasValueSatisfying(why -> assertThat(why).contains("cannot be had for oneself"));
            hidden.getOutputStream().close();
            assertThat(hidden.waitFor()).isNotNegative();
            assertThat(InUse.of(disk.device())).isEmpty();
        }
    }
}
