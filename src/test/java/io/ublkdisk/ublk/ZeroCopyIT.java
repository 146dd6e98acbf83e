package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.backend.StripeBackend;
import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.FileIo;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.ZeroCopyBackend;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.LinuxCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is different where the kernel moves the bytes between the program and our files. */
@Timeout(180)
class ZeroCopyIT {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 8 * MIB;

    @TempDir
    Path folder;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
        assertThat(ControlCommand.givenUp()).isZero();
    }

    /** A request may be many operations on several files: more than the ring has places for. */
    @ParameterizedTest
    @MethodSource("io.ublkdisk.ublk.Way#withoutData")
    void requestOfManyOperationsOnTwoFilesComesTogether(Way way) throws Exception {
        Needs.features(way.features());
        try (UblkDevice device = way.on(stripes(folder)).queueDepth(4).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(0, 4 * MIB, 1);
                disk.writePattern(4 * MIB + 512, 3 * MIB, 2);
                disk.expectPattern(0, 4 * MIB, 1);
                disk.expectPattern(4 * MIB + 512, 3 * MIB, 2);
                assertThat(disk.sync()).isZero();
                assertThat(disk.discard(4096 + 512, MIB)).isZero();
                disk.expectPattern(0, 4096 + 512, 1);
                disk.expectZeroes(4096 + 512, MIB);
            }
        }
    }

    /** Of a file that has become too short nothing comes but the error, and never what the memory held before. */
    @ParameterizedTest
    @MethodSource("io.ublkdisk.ublk.Way#withoutData")
    void fileThatEndsTooEarlyIsAnErrorAndNotGarbage(Way way) throws Exception {
        Needs.features(way.features());
        Backend backend = way.storage(folder, SIZE);
        try (UblkDevice device = way.on(backend).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path());
                    FileChannel file = FileChannel.open(folder.resolve("disk"), StandardOpenOption.WRITE)) {
                disk.writePattern(0, 65_536, 1);
                file.truncate(8192);
                disk.expectPattern(0, 8192, 1);
                assertThat(Errno.of(disk.read(4096, 65_536))).isEqualTo(Errno.EIO);
                assertThat(Errno.of(disk.read(MIB, 4096))).isEqualTo(Errno.EIO);
                disk.writePattern(MIB, 4096, 2);
                disk.expectPattern(MIB, 4096, 2);
            }
            assertThat(device.metrics().errors()).containsOnlyKeys(BlockStatus.IO);
        }
    }

    @ParameterizedTest
    @MethodSource("io.ublkdisk.ublk.Way#withoutData")
    void failedRequestsAndThoseOfAnotherThreadEndOnce(Way way) throws Exception {
        Needs.features(way.features());
        ExecutorService elsewhere = Executors.newSingleThreadExecutor();
        int fd = Errno.check(
                LinuxCalls.open(Files.createFile(folder.resolve("f")).toString(), LinuxCalls.O_RDWR), "open");
        ZeroCopyBackend backend = new ZeroCopyBackend() {
            @Override
            public long sizeBytes() {
                return SIZE;
            }

            @Override
            public void submit(Request request) {
                throw new IllegalStateException("this device has a zero-copy mode");
            }

            @Override
            public void submit(Request request, FileIo files) {
                switch (request.operation()) {
                    case WRITE -> {
                        files.write(request, fd, request.offsetBytes(), 0, (int) request.lengthBytes(), false);
                        elsewhere.execute(request::complete);
                    }
                    case READ -> {
                        files.read(request, request.sector() == 8 ? -1 : fd, request.offsetBytes(), 0, 512);
                        request.finish(request.sector() == 0 ? BlockStatus.MEDIUM : BlockStatus.OK);
                    }
                    default -> request.complete();
                }
            }
        };
        try (UblkDevice device = way.on(backend).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                for (int i = 0; i < 200; i++) {
                    disk.writePattern(512 * i, 512, i);
                }
                disk.expectPattern(512 * 77, 512, 77);
                assertThat(Errno.of(disk.read(0, 512))).isEqualTo(Errno.ENODATA);
                assertThat(Errno.of(disk.read(4096, 512))).as("bad descriptor").isEqualTo(Errno.EIO);
                disk.expectPattern(512 * 78, 512, 78);
            }
        } finally {
            elsewhere.shutdown();
            LinuxCalls.close(fd);
        }
    }

    private static StripeBackend stripes(Path folder) throws IOException {
        List<Path> files = List.of(folder.resolve("stripe0"), folder.resolve("stripe1"));
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.allocate(1), SIZE / 2 - 1);
            }
        }
        return StripeBackend.open(files, 4096);
    }
}
