package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Tests that leave daemons behind. */
class DaemonTestCase {
    static long pid;

    @Test
    void leavesItRunning(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        pid = Daemon.on(disk, "sh", "-c", "exec 3> open; echo ready; while :; do sleep 0.1; done")
                .readyWhenItSays("ready")
                .start()
                .pid();
    }

    @Test
    void leavesItWaitingForTheDisk(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws Exception {
        disk.faults().add("rule stuck: on flush hold");
        pid = Daemon.on(disk, "sh", "-c", "echo text > file; echo ready; sync file; while :; do sleep 0.1; done")
                .readyWhenItSays("ready")
                .start()
                .pid();
        disk.faults().awaitHeld("stuck", java.time.Duration.ofSeconds(20));
    }

    @Test
    void failsWithItsOutput(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        Daemon.on(disk, "sh", "-c", "echo the last words; echo ready; while :; do sleep 0.1; done")
                .readyWhenItSays("ready")
                .start();
        assertThat(1).isEqualTo(2);
    }
}
