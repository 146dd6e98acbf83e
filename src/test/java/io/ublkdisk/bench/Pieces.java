package io.ublkdisk.bench;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Stage;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.DriveBuilder;
import io.ublkdisk.kernel.UblkIoDesc;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.media.PageTree;
import io.ublkdisk.script.Script;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the pieces of the data path cost by themselves, without a device ({@code vm/bench pieces}). Each runs in a JVM of its
 * own, so that the JIT sees nothing but it; what a loop around nothing costs is taken off.
 */
final class Pieces {
    private static final int WINDOW = 50_000;
    private static final int WINDOWS = 40;
    private static final double EQUAL_PERCENT = 0.3;

    private static final String NOTHING = "nothing";

    private static final int SIZE_MIB = 64;
    private static final int BLOCK_SECTORS = 8;
    private static final int BLOCK_MASK = (SIZE_MIB << 8) - 1;

    /** One step of what is measured; the number is another one each time. */
    private interface Piece {
        void run(int i) throws Exception;
    }

    private interface Maker {
        Piece make() throws Exception;
    }

    private static final Map<String, Maker> ALL = new LinkedHashMap<>();

    static {
        ALL.put(NOTHING, () -> i -> {});
        ALL.put("a descriptor read", Pieces::descriptor);
        ALL.put("a page looked up", Pieces::lookUp);
        ALL.put("a page taken and given back", Pieces::take);
        ALL.put("a page put in place of another", Pieces::exchange);
        ALL.put("4 KiB copied", Pieces::copy);
        ALL.put("memory: read", () -> reads(new MemoryBackend(SIZE_MIB << 20)));
        ALL.put("memory: write", () -> writes(new MemoryBackend(SIZE_MIB << 20), 0));
        ALL.put("drive: read", () -> reads(drive().build()));
        ALL.put(
                "drive: write, cache off",
                () -> writes(drive().volatileCache(false).build(), 0));
        ALL.put("drive: write, FLUSH after each 64", () -> writes(drive().build(), 64));
        ALL.put(
                "drive: write, cache full",
                () -> writes(drive().cacheBytes(1 << 20).build(), 0));
        ALL.put("drive: read, 1,000 rules", () -> reads(withRules(drive().build())));
        ALL.put(
                "drive: write, cache full, 1,000 rules",
                () -> writes(withRules(drive().cacheBytes(1 << 20).build()), 0));
    }

    private static volatile long sink;

    private Pieces() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 1 || arguments.length == 1 && !ALL.containsKey(arguments[0])) {
            System.err.println("ublkdisk bench: no piece '" + String.join(" ", arguments) + "'; there are "
                    + String.join("; ", ALL.keySet()) + "; without a name all are measured");
            System.exit(1);
        }
        if (arguments.length == 1) {
            System.out.printf("%.0f%n", measure(ALL.get(arguments[0]).make()));
            return;
        }
        long nothing = inItsOwn(NOTHING);
        for (String name : ALL.keySet()) {
            System.out.printf("| %s | %,d |%n", name, inItsOwn(name) - nothing);
        }
    }

    private static long inItsOwn(String name) throws Exception {
        Process java = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xbatch",
                        "-XX:+UseSerialGC",
                        "-XX:MaxInlineLevel=40",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Pieces.class.getName(),
                        name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return Long.parseLong(new String(java.getInputStream().readAllBytes()).strip());
    }

    private static double measure(Piece piece) throws Exception {
        double before = 0;
        for (int i = 0; i < WINDOWS; i++) {
            double each = window(piece);
            if (i > 4 && Math.abs(each - before) <= before * EQUAL_PERCENT / 100) {
                return each;
            }
            before = each;
        }
        throw new BenchException("no two windows agree");
    }

    private static double window(Piece piece) throws Exception {
        long begin = System.nanoTime();
        for (int i = 0; i < WINDOW; i++) {
            piece.run(i);
        }
        return (double) (System.nanoTime() - begin) / WINDOW;
    }

    private static Piece descriptor() {
        UblkIoDesc descriptor = new UblkIoDesc(direct(128 * UblkIoDesc.BYTES));
        return i -> {
            long head = descriptor.moveTo((i & 127) * UblkIoDesc.BYTES).head();
            use(UblkIoDesc.opFlags(head) + UblkIoDesc.nrSectors(head) + descriptor.startSector());
        };
    }

    private static Piece lookUp() {
        PagePool pool = new PagePool();
        PageTree tree = new PageTree(pool, BLOCK_MASK + 1);
        for (int i = 0; i <= BLOCK_MASK; i++) {
            tree.put(i, pool.allocate());
        }
        return i -> use(tree.page(block(i)));
    }

    private static Piece take() {
        PagePool pool = new PagePool();
        return i -> pool.release(pool.allocate());
    }

    private static Piece exchange() {
        PagePool pool = new PagePool();
        PageTree tree = new PageTree(pool, BLOCK_MASK + 1);
        for (int i = 0; i <= BLOCK_MASK; i++) {
            tree.put(i, pool.allocate());
        }
        return i -> tree.put(block(i), pool.allocate());
    }

    private static Piece copy() {
        ByteBuffer from = direct(1 << 20);
        ByteBuffer to = direct(1 << 20);
        return i -> to.put((i & 127) << 12, from, (i & 255) << 12, 4096);
    }

    private static DriveBuilder drive() {
        return Drive.builder().sizeBytes(OwnDisk.sizeBytes(SIZE_MIB));
    }

    private static Drive withRules(Drive drive) {
        drive.rules()
                .addAll(Script.parse(String.join("\n", OwnDisk.rules(SIZE_MIB)), "rules")
                        .rules());
        return drive;
    }

    private static Piece reads(Backend backend) throws Exception {
        One request = new One();
        for (int i = 0; i <= BLOCK_MASK; i++) {
            backend.submit(request.with(Operation.WRITE, (long) i * BLOCK_SECTORS, BLOCK_SECTORS));
        }
        return i -> backend.submit(request.with(Operation.READ, (long) block(i) * BLOCK_SECTORS, BLOCK_SECTORS));
    }

    private static Piece writes(Backend backend, int flushEvery) throws Exception {
        One request = new One();
        for (int i = 0; i <= BLOCK_MASK; i++) {
            backend.submit(request.with(Operation.WRITE, (long) i * BLOCK_SECTORS, BLOCK_SECTORS));
        }
        backend.submit(request.with(Operation.FLUSH, 0, 0));
        if (flushEvery == 0) {
            return i -> backend.submit(request.with(Operation.WRITE, (long) block(i) * BLOCK_SECTORS, BLOCK_SECTORS));
        }
        return i -> {
            if (i % flushEvery == 0) {
                backend.submit(request.with(Operation.FLUSH, 0, 0));
            }
            backend.submit(request.with(Operation.WRITE, (long) block(i) * BLOCK_SECTORS, BLOCK_SECTORS));
        };
    }

    /** Up and down the disk. */
    private static int block(int i) {
        return i * 0x9E3779B1 >>> 8 & BLOCK_MASK;
    }

    private static void use(long value) {
        sink = value;
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The one request of a queue that has one tag. */
    private static final class One extends Request {
        private BlockStatus status;

        One() {
            super(0, 0, direct(1 << 20));
        }

        One with(Operation operation, long sector, int sectorCount) {
            begin(operation, 0, sector, sectorCount);
            return this;
        }

        @Override
        public void finish(BlockStatus how) {
            status = how;
        }

        @Override
        public void runAt(long dueNanos, Stage next) {
            throw new UnsupportedOperationException();
        }
    }
}
