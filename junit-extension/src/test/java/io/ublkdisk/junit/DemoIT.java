package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.BTRFS;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.Times.atLeast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.nio.file.ExtendedOpenOption;
import io.ublkdisk.block.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** What ublkdisk does, told in plain words while it happens: {@code vm/demo} runs this. */
@Tag("demo")
@Timeout(180)
@TestMethodOrder(OrderAnnotation.class)
class DemoIT {
    private static final int PAGE = 4096;

    /** A line for a person who watches. */
    private static void say(String format, Object... values) {
        System.out.println("   " + String.format(format, values));
    }

    private static void title(String text) {
        System.out.println();
        System.out.println(">> " + text);
    }

    @Test
    @Order(1)
    void oneBadSectorUnderAFile(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        title("A sector goes bad under a file on ext4");
        byte[] data = Bytes.of(1, 16 * PAGE);
        Path file = written(disk, data);
        long sector = Bytes.sectorOf(disk, data, 32 << 20);
        long bad = sector + 5 * PAGE / 512;
        say("%s is a real block device; ext4 is mounted on %s.", disk.device(), disk.mountPoint());
        say("A file of 64 KiB lies at sector %d. From now on sectors %d..%d cannot be read.", sector, bad, bad + 7);
        disk.faults().add("rule bad: on read sectors " + bad + ".." + (bad + 7) + " fail MEDIUM");
        disk.evict();

        try (FileChannel channel = FileChannel.open(file)) {
            Throwable error = catchThrowable(() -> read(channel, 5 * PAGE));
            assertThat(error).isInstanceOf(IOException.class).hasMessageContaining("Input/output error");
            say("Reading there: the program gets %s.", error);
            assertThat(read(channel, 4 * PAGE)).isEqualTo(page(data, 4));
            assertThat(read(channel, 6 * PAGE)).isEqualTo(page(data, 6));
            say("Reading its neighbours, 4 KiB before and after: as they were written.");
        }
        disk.faults().verify("bad").fired();
        say("The rule says itself: %s", rule(disk));

        disk.faults().clear();
        disk.evict();
        assertThat(Bytes.md5(file)).isEqualTo(Bytes.md5(data));
        say("The fault is taken away: the whole file reads well again, MD5 %s.", Bytes.md5(data));
    }

    @Test
    @Order(2)
    void flippedBitsOnExt4(@UblkDisk(size = "32MiB", mount = EXT4, seed = 1) Disk disk) throws IOException {
        title("Bits flip in a file's data on ext4");
        byte[] data = Bytes.of(2, 16 * PAGE);
        Path file = written(disk, data);
        long sector = Bytes.sectorOf(disk, data, 32 << 20);
        disk.faults().add("rule rot: on read sectors " + sector + ".." + (sector + 127) + " flip 1 bit");
        disk.evict();
        byte[] found = Files.readAllBytes(file);
        int bits = differentBits(data, found);
        assertThat(bits).isPositive();
        disk.faults().verify("rot").fired();
        say("Written with MD5 %s, read with MD5 %s: %d bits are wrong.", Bytes.md5(data), Bytes.md5(found), bits);
        say("ext4 keeps no checksum of data: no error, no word in the log. Only a checksum of your own would tell.");
    }

    @Test
    @Order(3)
    void flippedBitsOnBtrfs(@UblkDisk(size = "128MiB", mount = BTRFS, seed = 1) Disk disk) throws IOException {
        title("The same on btrfs");
        byte[] data = Bytes.of(3, 16 * PAGE);
        Path file = written(disk, data);
        long sector = Bytes.sectorOf(disk, data, 128 << 20);
        disk.faults().add("rule rot: on read sectors " + sector + ".." + (sector + 127) + " flip 1 bit");
        disk.evict();
        Throwable error = catchThrowable(() -> Files.readAllBytes(file));
        assertThat(error).isInstanceOf(IOException.class).hasMessageContaining("Input/output error");
        disk.faults().verify("rot").fired();
        say("btrfs keeps a checksum of every block, notices, and gives the program %s.", error);
        disk.faults().clear();
        disk.evict();
        assertThat(Bytes.md5(file)).isEqualTo(Bytes.md5(data));
        say("The bytes on the disk were never touched: without the rule the file reads well.");
    }

    @Test
    @Order(4)
    void aSlowSector(@UblkDisk(size = "16MiB") Disk disk) throws IOException {
        title("One place of the disk is slow");
        disk.faults().add("rule slow: on read sectors 2048..2055 delay 200ms");
        try (RawDevice device = new RawDevice(disk.device())) {
            device.read(0, PAGE);
            long slow = millis(() -> device.read(2048 * 512, PAGE));
            long fast = millis(() -> device.read(4096 * 512, PAGE));
            assertThat(slow).isGreaterThanOrEqualTo(200);
            assertThat(fast).isLessThan(200);
            say("Reading sector 2048 takes %d ms, 200 of them by order; sector 4096 takes %d ms.", slow, fast);
        }
        disk.faults().verify("slow").fired();
    }

    @Test
    @Order(5)
    void everySecondWriteFails(@UblkDisk(size = "16MiB") Disk disk) throws IOException {
        title("The raw device, past the page cache: every second write finds no space");
        disk.faults().add("rule full: on write every 2 fail NOSPC");
        int refused = 0;
        try (FileChannel device = FileChannel.open(
                disk.device(), StandardOpenOption.READ, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            for (int i = 0; i < 6; i++) {
                ByteBuffer block = aligned(PAGE).put(Bytes.of(i, PAGE)).flip();
                long offset = (long) i * PAGE;
                Throwable error = catchThrowable(() -> device.write(block, offset));
                refused += error == null ? 0 : 1;
                say("write %d: %s", i + 1, error == null ? "done" : error);
            }
        }
        assertThat(refused).isEqualTo(3);
        disk.faults().verify("full").fired(atLeast(3));
        say("Sent with O_DIRECT, so that what the program does and what the disk gets are the same requests.");
    }

    @Test
    @Order(6)
    void thePowerGoes(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws IOException {
        title("The power goes while two files are new");
        byte[] data = Bytes.of(4, 16 * PAGE);
        Path forced = written(disk, data);
        Path unforced = disk.path("unforced");
        Files.write(unforced, data);
        say("One file was forced to the disk, the other only written; reading both now gives MD5 %s.", Bytes.md5(data));
        say("The power goes and comes back. The disk says: %s", disk.powerCut());
        assertThat(Bytes.md5(forced)).isEqualTo(Bytes.md5(data));
        assertThat(Files.exists(unforced) && Files.size(unforced) > 0).isFalse();
        say("ext4 is mounted again. The forced file is as it was written, MD5 %s.", Bytes.md5(forced));
        say("The other is %s.", Files.exists(unforced) ? "there, and empty" : "gone");
    }

    @Test
    @Order(7)
    void nothingIsLost(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws IOException {
        title("And without a rule it is a disk as any other");
        byte[] data = Bytes.of(6, 8 << 20);
        Files.write(disk.path("file"), data);
        disk.remount();
        assertThat(Bytes.md5(disk.path("file"))).isEqualTo(Bytes.md5(data));
        say("8 MiB written, unmounted, mounted, read: MD5 %s both times.", Bytes.md5(data));
        say("The disk counted: %s", disk.stats().fields());
    }

    private static Path written(Disk disk, byte[] data) throws IOException {
        Path file = disk.path("file");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(data));
            channel.force(true);
        }
        return file;
    }

    /** Java has no way to ask for random access, so this reads a page and no more than the kernel reads with it. */
    private static byte[] read(FileChannel channel, long offset) throws IOException {
        ByteBuffer page = ByteBuffer.allocate(PAGE);
        channel.read(page, offset);
        return page.array();
    }

    private static byte[] page(byte[] data, int index) {
        return Arrays.copyOfRange(data, index * PAGE, (index + 1) * PAGE);
    }

    private static String rule(Disk disk) {
        return disk.faults().rules().stream()
                .map(r -> r.text() + ", fired " + r.fired() + " times")
                .findFirst()
                .orElseThrow();
    }

    private static int differentBits(byte[] expected, byte[] found) {
        int bits = 0;
        for (int i = 0; i < expected.length; i++) {
            bits += Integer.bitCount((expected[i] ^ found[i]) & 0xff);
        }
        return bits;
    }

    private static ByteBuffer aligned(int length) {
        return ByteBuffer.allocateDirect(length + PAGE).alignedSlice(PAGE).limit(length);
    }

    private static long millis(Read read) throws IOException {
        long start = Clock.nanos();
        read.run();
        return TimeUnit.NANOSECONDS.toMillis(Clock.nanos() - start);
    }

    private interface Read {
        void run() throws IOException;
    }
}
