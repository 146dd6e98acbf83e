package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_ADD_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_GET_FEATURES;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.kernel.Errno;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;

/** What cannot be brought about in the VM: its kernel is new, and counts unprivileged devices alone against the limit. */
class RemedyTest {
    @Test
    void namesTheLimitOfDevicesAndWhereToRaiseIt() {
        assertThat(Remedy.forCommand(UBLK_U_CMD_ADD_DEV, Errno.EACCES))
                .contains("limit of ublk devices", "delete some", "/sys/module/ublk_drv/parameters/ublks_max");
    }

    @Test
    void namesTheKernelThatIsNewEnough() {
        assertThat(Remedy.forCommand(UBLK_U_CMD_GET_FEATURES, Errno.EINVAL)).contains("too old", "Linux 6.5");
    }

    @Test
    void sendsWhoIsNotRootToRootOrTheVm() {
        assertThat(Remedy.forOpen(ControlDevice.PATH, Errno.EACCES)).contains("root", "vm/run");
    }

    @Test
    @DisabledIf(value = "ublkIsHere", disabledReason = "LifecycleIT probes where there is ublk")
    void probeSaysThatThereIsNoUblk() {
        assertThat(UblkControl.probe().orElseThrow()).contains(ControlDevice.PATH, "ENOENT", "modprobe ublk_drv");
    }

    static boolean ublkIsHere() {
        return Files.exists(Path.of(ControlDevice.PATH));
    }
}
