package io.ublkdisk.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.FileIo;
import io.ublkdisk.block.Integrity;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every disk that keeps bytes must do, against a plain array. */
class BackendTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void memoryBackendKeepsBytes() throws Exception {
        keepsBytes(new MemoryBackend(SIZE));
    }

    @Test
    void fileBackendKeepsBytes() throws Exception {
        try (FileBackend backend = FileBackend.create(folder.resolve("disk"), SIZE)) {
            keepsBytes(backend);
        }
        assertThat(Files.size(folder.resolve("disk"))).isEqualTo(SIZE);
    }

    @Test
    void simpleBackendKeepsBytesEvenIfItsMethodsDoAPieceAtATime() throws Exception {
        keepsBytes(new PiecemealBackend(1000));
    }

    @Test
    void mockBackendKeepsBytes() throws Exception {
        keepsBytes(new MockBackend(SIZE));
    }

    @Test
    void stripeBackendKeepsBytesAndDealsThemOutByChunks() throws Exception {
        List<Path> files = stripes(4, SIZE / 4);
        try (StripeBackend backend = StripeBackend.open(files, 4096)) {
            keepsBytes(backend);
            byte[] row = bytes(4 * 4096, 5);
            assertThat(new RequestDriver(backend).write(4 * 4096, row)).isEqualTo(BlockStatus.OK);
            for (int i = 0; i < 4; i++) {
                assertThat(Arrays.copyOfRange(Files.readAllBytes(files.get(i)), 4096, 8192))
                        .isEqualTo(Arrays.copyOfRange(row, i * 4096, (i + 1) * 4096));
            }
        }
    }

    @Test
    void stripeBackendSaysTheKernelWhereItsBytesAre() throws Exception {
        try (StripeBackend stripe = StripeBackend.open(stripes(3, 3 * SIZE / 8), 8192)) {
            keepsBytes(new Backend() {
                @Override
                public long sizeBytes() {
                    return stripe.sizeBytes();
                }

                @Override
                public void submit(Request request) {
                    stripe.submit(request, new OwnFileIo());
                }
            });
            byte[] read = new byte[SIZE];
            assertThat(new RequestDriver(stripe).read(0, read)).isEqualTo(BlockStatus.OK);
            assertThat(read).isNotEqualTo(new byte[SIZE]);
        }
    }

    @Test
    void stripeBackendLeavesOverWhatFillsNoChunk() throws Exception {
        try (StripeBackend backend = StripeBackend.open(stripes(3, 3 * 8192 + 512), 8192)) {
            assertThat(backend.sizeBytes()).isEqualTo(9 * 8192);
        }
    }

    @Test
    void stripeBackendRefusesWhatIsNoStripe() throws Exception {
        List<Path> files = stripes(2, 8192);
        assertThatThrownBy(() -> StripeBackend.open(List.of(), 4096)).hasMessageContaining("no files");
        assertThatThrownBy(() -> StripeBackend.open(files, 5000)).hasMessageContaining("5000");
        assertThatThrownBy(() -> StripeBackend.open(files, 65_536)).hasMessageContaining("shorter than a chunk");
        Files.write(files.get(1), new byte[4 * 8192]);
        assertThatThrownBy(() -> StripeBackend.open(files, 4096)).hasMessageContaining("8 chunks", "equally long");
    }

    @Test
    void delayBackendIsAnotherDiskButLater() throws Exception {
        keepsBytes(new DelayBackend(new MemoryBackend(SIZE), Duration.ofNanos(1)));
        RequestDriver impatient = new RequestDriver(
                new DelayBackend(new MemoryBackend(SIZE), Duration.ofHours(1)), Duration.ofMillis(50));
        assertThatThrownBy(impatient::flush).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> new DelayBackend(new NullBackend(512), Duration.ofNanos(-1)))
                .hasMessageContaining("PT-0.000000001S");
    }

    @Test
    void integrityFileBackendKeepsBytesAndWhatIsBesideThem() throws Exception {
        Path data = Files.write(folder.resolve("data"), new byte[SIZE]);
        Path beside = Files.write(folder.resolve("beside"), new byte[SIZE / 512 * 8]);
        try (IntegrityFileBackend backend = IntegrityFileBackend.open(data, beside, Integrity.T10DIF)) {
            keepsBytes(backend);
            byte[] unchecked = new byte[SIZE / 512 * 8];
            Arrays.fill(unchecked, (byte) -1);
            assertThat(Files.readAllBytes(beside)).isEqualTo(unchecked);

            // As a queue does it: the metadata follow the data of a WRITE, and of a READ.
            ByteBuffer metadata = ByteBuffer.allocateDirect(64);
            RequestDriver driver = new RequestDriver(new Backend() {
                @Override
                public long sizeBytes() {
                    return SIZE;
                }

                @Override
                public void submit(Request request) throws IOException {
                    if (request.operation() == Operation.WRITE) {
                        backend.writeMetadata(request, metadata);
                    } else if (request.operation() == Operation.READ) {
                        backend.readMetadata(request, metadata);
                    }
                    backend.submit(request);
                }
            });
            byte[] tags = bytes(24, 9);
            metadata.put(0, tags);
            driver.write(10 * 512, new byte[3 * 512]);
            driver.discard(12 * 512, 512);
            metadata.put(0, new byte[64]);
            driver.read(10 * 512, new byte[3 * 512]);
            Arrays.fill(tags, 16, 24, (byte) -1);
            byte[] read = new byte[24];
            metadata.get(0, read);
            assertThat(read).isEqualTo(tags);
            assertThat(Arrays.copyOfRange(Files.readAllBytes(beside), 80, 104)).isEqualTo(tags);
        }
        assertThatThrownBy(() ->
                        IntegrityFileBackend.open(data, Files.createFile(folder.resolve("none")), Integrity.T10DIF))
                .hasMessageContaining("not even one block");
    }

    private List<Path> stripes(int count, int length) throws IOException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(Files.write(folder.resolve("stripe" + i), new byte[length]));
        }
        return files;
    }

    @Test
    void fileBackendFindsItsBytesAgain() throws Exception {
        Path file = folder.resolve("disk");
        byte[] written = bytes(4096, 7);
        try (FileBackend backend = FileBackend.create(file, SIZE)) {
            assertThat(new RequestDriver(backend).write(8192, written)).isEqualTo(BlockStatus.OK);
            assertThat(new RequestDriver(backend).flush()).isEqualTo(BlockStatus.OK);
        }
        try (FileBackend backend = FileBackend.open(file)) {
            byte[] read = new byte[4096];
            assertThat(backend.sizeBytes()).isEqualTo(SIZE);
            assertThat(new RequestDriver(backend).read(8192, read)).isEqualTo(BlockStatus.OK);
            assertThat(read).isEqualTo(written);
        }
    }

    @Test
    void fileBackendRefusesWhatIsNoDisk() throws Exception {
        assertThatThrownBy(() -> FileBackend.open(folder.resolve("missing"))).hasMessageContaining("missing");
        Path empty = Files.createFile(folder.resolve("empty"));
        assertThatThrownBy(() -> FileBackend.open(empty)).hasMessageContaining("empty: give it a size");
        assertThatThrownBy(() -> FileBackend.create(empty, -5)).hasMessageContaining("-5");
    }

    /** go-ublk 6: a short read or write was passed off as a whole one. */
    @Test
    void shortReadOrWriteOfASimpleBackendIsAnError() {
        RequestDriver driver = new RequestDriver(new PiecemealBackend(0));
        assertThatThrownBy(() -> driver.read(512, new byte[1024])).hasMessage("short read at byte 512: 0 of 1024");
        assertThatThrownBy(() -> driver.write(512, new byte[1024])).hasMessage("short write at byte 512: 0 of 1024");
    }

    @Test
    void memoryBackendTakesMemoryOnlyForWhatIsWritten() throws Exception {
        MemoryBackend backend = new MemoryBackend(1L << 40);
        RequestDriver driver = new RequestDriver(backend);
        assertThat(driver.read((1L << 40) - 4096, new byte[4096])).isEqualTo(BlockStatus.OK);
        assertThat(backend.allocatedBytes()).isZero();
        assertThat(driver.write(1L << 39, bytes(4096, 3))).isEqualTo(BlockStatus.OK);
        assertThat(backend.allocatedBytes()).isEqualTo(65_536);
        assertThat(driver.discard(1L << 39, 65_536)).isEqualTo(BlockStatus.OK);
        assertThat(backend.allocatedBytes()).isZero();
    }

    @Test
    void driverRefusesWhatNoKernelWouldSend() {
        RequestDriver driver = new RequestDriver(new NullBackend(4096));
        assertThatThrownBy(() -> driver.read(100, new byte[512])).hasMessageContaining("whole sectors");
        assertThatThrownBy(() -> driver.read(4096, new byte[512])).hasMessageContaining("the disk ends at 4096");
        assertThatThrownBy(() -> driver.write(0, new byte[2 << 20])).hasMessageContaining("2097152");
    }

    private static void keepsBytes(Backend backend) throws Exception {
        RequestDriver driver = new RequestDriver(backend);
        byte[] model = new byte[SIZE];
        SplittableRandom random = new SplittableRandom(1);
        for (int step = 0; step < 400; step++) {
            int offset = random.nextInt(SIZE / 512) * 512;
            int length = 512 * (1 + random.nextInt(Math.min(300, (SIZE - offset) / 512)));
            switch (random.nextInt(5)) {
                case 0 -> {
                    assertThat(driver.writeZeroes(offset, length)).isEqualTo(BlockStatus.OK);
                    Arrays.fill(model, offset, offset + length, (byte) 0);
                }
                case 1 -> {
                    byte[] read = new byte[length];
                    assertThat(driver.read(offset, read)).isEqualTo(BlockStatus.OK);
                    assertThat(read).isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
                }
                default -> {
                    byte[] data = bytes(length, step);
                    assertThat(driver.write(offset, data)).isEqualTo(BlockStatus.OK);
                    System.arraycopy(data, 0, model, offset, length);
                }
            }
        }
        byte[] whole = new byte[SIZE];
        assertThat(driver.read(0, whole)).isEqualTo(BlockStatus.OK);
        assertThat(whole).isEqualTo(model);
    }

    private static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** Moves so many bytes at a call, whatever was asked for. */
    private static final class PiecemealBackend extends SimpleBackend {
        private final int piece;
        private final byte[] bytes = new byte[SIZE];

        PiecemealBackend(int piece) {
            super(SIZE);
            this.piece = piece;
        }

        @Override
        protected void read(long offsetBytes, ByteBuffer target) {
            target.put(bytes, (int) offsetBytes, Math.min(piece, target.remaining()));
        }

        @Override
        protected void write(long offsetBytes, ByteBuffer source) {
            source.get(bytes, (int) offsetBytes, Math.min(piece, source.remaining()));
        }
    }

    /** Does itself, and at once, what the kernel does for a queue. */
    private static final class OwnFileIo implements FileIo {
        @Override
        public void read(Request request, int fd, long fileOffset, int dataOffset, int length) {
            on(fd, file -> file.read(part(request, dataOffset, length), fileOffset));
        }

        @Override
        public void write(Request request, int fd, long fileOffset, int dataOffset, int length, boolean durable) {
            on(fd, file -> file.write(part(request, dataOffset, length), fileOffset));
        }

        @Override
        public void sync(Request request, int fd) {
            on(fd, file -> 0);
        }

        @Override
        public void punchHole(Request request, int fd, long fileOffset, long length) {
            on(fd, file -> file.write(ByteBuffer.allocate((int) length), fileOffset));
        }

        @Override
        public void zeroRange(Request request, int fd, long fileOffset, long length) {
            punchHole(request, fd, fileOffset, length);
        }

        private interface Step {
            int on(FileChannel file) throws IOException;
        }

        private static ByteBuffer part(Request request, int dataOffset, int length) {
            return request.data().slice(dataOffset, length);
        }

        private static void on(int fd, Step step) {
            try (FileChannel file = FileChannel.open(
                    Path.of("/proc/self/fd/" + fd), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                step.on(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
