package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.nio.file.ExtendedOpenOption;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What disks hold outside the Java heap is counted, and given back: to the next disk, and to the system when there is none. */
@Timeout(180)
class MemoryIT {
    private static final long MIB = 1 << 20;
    private static final int WRITTEN_MIB = 300;

    @Test
    void whatADiskHoldsIsCountedAndGivenBack() throws Exception {
        try (ServerProcess server = ServerProcess.start()) {
            RemoteDisk small = disk(server, 16);
            long before = small.stats().memoryUsedBytes();
            RemoteDisk big = disk(server, 512);
            write(big);
            assertThat(small.stats().memoryUsedBytes() - before).isBetween(WRITTEN_MIB * MIB, (WRITTEN_MIB + 2) * MIB);
            big.snapshot("as it is");
            assertThat(small.stats().memoryUsedBytes() - before)
                    .as("a snapshot shares its pages")
                    .isBetween(WRITTEN_MIB * MIB, (WRITTEN_MIB + 2) * MIB);

            big.delete();
            assertThat(small.stats().memoryUsedBytes()).isEqualTo(before);
            assertThat(small.stats().memoryReservedBytes())
                    .as("kept for the next disk")
                    .isGreaterThanOrEqualTo(WRITTEN_MIB * MIB);

            small.delete();
            assertThat(Bounded.until(Duration.ofSeconds(20), () -> reserved(server) < 16 * MIB))
                    .as("a server without disks has given its memory back")
                    .isTrue();
        }
    }

    /** A disk has to ask; one that holds nothing changes nothing. */
    private static long reserved(ServerProcess server) {
        try {
            RemoteDisk asking = disk(server, 16);
            long bytes = asking.stats().memoryReservedBytes();
            asking.delete();
            return bytes;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RemoteDisk disk(ServerProcess server, int mib) throws IOException {
        return server.connection().create(DiskSpec.builder().size(mib + "MiB").build());
    }

    private static void write(RemoteDisk disk) throws IOException {
        ByteBuffer data = ByteBuffer.allocateDirect(2 << 20).alignedSlice(4096).limit(1 << 20);
        for (int i = 0; i < data.limit(); i += 8) {
            data.putLong(i, i + 1);
        }
        try (FileChannel channel =
                FileChannel.open(disk.device(), StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            for (int i = 0; i < WRITTEN_MIB; i++) {
                channel.write(data.position(0), i * MIB);
            }
            channel.force(false);
        }
    }
}
