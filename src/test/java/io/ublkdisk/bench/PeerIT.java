package io.ublkdisk.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.backend.NullBackend;
import io.ublkdisk.ublk.UblkDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device of another server is neither measured nor deleted by mistake, and a peer's own does not stay behind. */
@Timeout(120)
class PeerIT {
    private static final int NUMBER = 60;
    private static final Path DRIVERS = Path.of("/dev/ublkc" + NUMBER);

    private final ShellDisk peer = ShellDisk.peer("it", "sleep 60", "/dev/ublkb" + NUMBER);

    @Test
    void aDeviceThatIsThereAlreadyIsNotThePeers() throws Exception {
        try (UblkDevice other = device()) {
            assertThatThrownBy(() -> peer.open(1, 16)).hasMessageContaining("a ublk device " + other.id() + " already");
            peer.close();
            assertThat(DRIVERS).exists();
        }
    }

    @Test
    void aDeviceThatOutlivesThePeerIsDeleted() throws Exception {
        CompletableFuture<Path> opened = CompletableFuture.supplyAsync(() -> {
            try {
                return peer.open(1, 16);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        while (!Files.exists(Path.of("/dev/shm/ublkdisk-bench.it.pid")) && !opened.isDone()) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        try (UblkDevice left = device()) {
            left.start();
            assertThat(opened.get()).isEqualTo(left.path());
            left.stop();
            assertThat(DRIVERS).exists();
            peer.close();
            assertThat(DRIVERS).doesNotExist();
        }
    }

    private static UblkDevice device() throws Exception {
        return UblkDevice.builder(new NullBackend(16 << 20)).id(NUMBER).create();
    }
}
