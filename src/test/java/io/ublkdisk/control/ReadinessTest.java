package io.ublkdisk.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** Machines of our own making: a folder that has what the probes look at. */
class ReadinessTest {
    private static final String ROOT_USER = "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n";

    @TempDir
    Path root;

    @BeforeEach
    void aMachineThatLacksNothing() throws IOException {
        write("proc/sys/kernel/osrelease", "6.12.90+deb13-amd64\n");
        write("proc/sys/kernel/io_uring_disabled", "0\n");
        write("proc/self/status", ROOT_USER);
        write("dev/ublk-control", "");
    }

    @Test
    void findsNothingMissingWhereNothingIs() {
        assertThat(new Readiness(root, "Linux").problem()).isEmpty();
    }

    @Test
    void namesAnotherOperatingSystem() {
        assertThat(new Readiness(root, "Mac OS X").problem()).contains("this is Mac OS X, and ublk is a part of Linux");
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void refusesAKernelThatHangsBeforeItAsksForAnythingElse() throws IOException {
        Files.delete(root.resolve("dev/ublk-control"));
        String real = System.setProperty("os.version", "6.17.0-1015-azure");
        try {
            assertThat(problem())
                    .startsWith("Linux 6.17.0-1015-azure has a faulty ublk driver: ADD_DEV ")
                    .contains("vm/run", "UBLKDISK_ALLOW_FAULTY_KERNEL=true");
            assertThatThrownBy(Readiness::check)
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("faulty ublk driver")
                    .hasMessageNotContaining("modprobe");
        } finally {
            System.setProperty("os.version", real);
        }
    }

    @Test
    void tellsThatTheModuleIsThereButNotLoaded() throws IOException {
        Files.delete(root.resolve("dev/ublk-control"));
        write("lib/modules/6.12.90+deb13-amd64/modules.dep", "kernel/drivers/block/ublk_drv.ko.xz:\n");
        assertThat(problem())
                .isEqualTo("/dev/ublk-control does not exist: the module ublk_drv of kernel 6.12.90+deb13-amd64 is not"
                        + " loaded");
    }

    @Test
    void tellsThatTheKernelHasNoSuchModule() throws IOException {
        Files.delete(root.resolve("dev/ublk-control"));
        assertThat(problem()).contains("kernel 6.12.90+deb13-amd64 has no module ublk_drv under /lib/modules/");
    }

    @Test
    void tellsThatTheModuleIsLoadedButDevIsNotTheHosts() throws IOException {
        Files.delete(root.resolve("dev/ublk-control"));
        write("sys/module/ublk_drv/refcnt", "0\n");
        assertThat(problem()).contains("is loaded", "container");
    }

    @Test
    void tellsThatTheKernelIsTooOld() throws IOException {
        Files.delete(root.resolve("dev/ublk-control"));
        write("proc/sys/kernel/osrelease", "5.10.0-30-amd64\n");
        assertThat(problem()).contains("kernel 5.10.0-30-amd64 is too old, ublk came with Linux 6.0");
    }

    @Test
    void tellsWhoIsNotRoot() throws IOException {
        write("proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n");
        assertThat(problem()).isEqualTo("this process is not root: it runs as uid 1000 without CAP_SYS_ADMIN");
    }

    @Test
    void rootOfAContainerWithoutTheCapabilityIsNotRoot() throws IOException {
        write("proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\n");
        assertThat(problem()).contains("uid 0 without CAP_SYS_ADMIN");
    }

    @Test
    void tellsThatIoUringIsSwitchedOff() throws IOException {
        write("proc/sys/kernel/io_uring_disabled", "2\n");
        assertThat(problem()).contains("/proc/sys/kernel/io_uring_disabled is 2");
    }

    @Test
    void tellsThatTheControlDeviceDoesNotOpen() throws IOException {
        Files.delete(root.resolve("dev/ublk-control"));
        Files.createDirectory(root.resolve("dev/ublk-control"));
        assertThat(problem()).startsWith("/dev/ublk-control cannot be opened: ");
    }

    private String problem() {
        return new Readiness(root, "Linux").problem().orElseThrow();
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
