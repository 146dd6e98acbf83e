package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.server.session.Server;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of a server that is told to end twice, as SIGTERM tells {@code ublkdisk run}; in this process, on a real kernel. */
@Timeout(120)
class ServerEndIT {
    @TempDir
    Path folder;

    @Test
    void whoeverComesSecondWaitsForTheFirst() throws Exception {
        Queue<String> said = new ConcurrentLinkedQueue<>();
        Server server = new Server(new StateFolder(folder.resolve("state")), said::add);
        Path device = server.create(DiskSpec.builder().size("64MiB").build());
        Path block = Path.of("/sys/block").resolve(device.getFileName());
        assertThat(block).exists();

        // Who has it open makes the end take as long as it may.
        try (FileChannel open = FileChannel.open(device, StandardOpenOption.READ)) {
            Thread other = new Thread(server::close);
            other.start();
            server.close();
            assertThat(block).doesNotExist();
            other.join();
            assertThat(open.isOpen()).isTrue();
        }

        assertThat(said)
                .hasSize(2)
                .contains(
                        device + " is gone as a block device, and its number is free when no process uses it any more")
                .anyMatch(line -> line.endsWith("was still in use: process "
                        + ProcessHandle.current().pid() + " (java) open " + device + " (deleted)"));
        assertThat(Left.after(Duration.ofSeconds(30))).isEmpty();
    }
}
