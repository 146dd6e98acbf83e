package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;

import io.ublkdisk.block.Clock;
import io.ublkdisk.control.ServerProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests whose disk server is killed under them; {@link #nanosToFailure} is how long each then took to fail. */
class ServerDeathTestCase {
    /** From the kill to the failure of the test's method, before anything is tidied up; negative if it did not fail. */
    static volatile long nanosToFailure;

    private static volatile long killedAtNanos;

    @RegisterExtension
    final AfterTestExecutionCallback stopwatch =
            test -> nanosToFailure = test.getExecutionException().isPresent() ? Clock.nanos() - killedAtNanos : -1;

    private static void kill() throws IOException {
        killedAtNanos = Clock.nanos();
        ServerProcess.shared().kill();
    }

    @Test
    void whileItWaitsForSomethingElse(@UblkDisk(size = "1MiB") Disk disk) throws IOException, InterruptedException {
        kill();
        new CountDownLatch(1).await();
    }

    @Test
    void whileItWrites(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
        byte[] data = new byte[4096];
        try (FileChannel file =
                FileChannel.open(disk.path("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; ; i++) {
                file.write(ByteBuffer.wrap(data), 0);
                file.force(true);
                if (i == 3) {
                    kill();
                }
            }
        }
    }

    @Test
    void andItSwallowsEveryError(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
        kill();
        try (FileChannel device = FileChannel.open(disk.device(), StandardOpenOption.WRITE)) {
            device.write(ByteBuffer.wrap(new byte[4096]));
        } catch (IOException expected) {
            // As a program does that logs errors and goes on.
        }
    }

    @Test
    void nextTestHasANewServer(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
        ScopesTestCase.assertFresh(disk);
    }
}
