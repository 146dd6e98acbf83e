package io.ublkdisk.junit;

import static io.ublkdisk.junit.Times.times;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.Clock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ready-made scripts do what their comments promise. Times have lower bounds only: a machine may always be slower. */
@Timeout(120)
class FaultScriptsIT {
    private static final int MIB = 1 << 20;
    private static final int BLOCK = 4096;

    @Test
    void aDyingDiskGetsSlowerThenSickThenDead(
            @UblkDisk(size = "64MiB", faults = "classpath:fault-scripts/dying-disk.fault") Disk disk)
            throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            List<String> ends = new ArrayList<>();
            long[] micros = new long[1000];
            for (int i = 0; i < micros.length; i++) {
                long start = Clock.nanos();
                int block = i;
                ends.add(end(() -> device.read((long) block * BLOCK, BLOCK)));
                micros[i] = TimeUnit.NANOSECONDS.toMicros(Clock.nanos() - start);
            }
            assertThat(ends.subList(0, 590)).containsOnly("OK");
            assertThat(median(micros, 210, 390)).as("tired, in us").isGreaterThan(900);
            assertThat(median(micros, 410, 590)).as("weary, in us").isGreaterThan(4000);
            int death = ends.indexOf("ENODEV");
            assertThat(death).isBetween(890, 960);
            assertThat(ends.subList(590, death)).containsOnly("OK", "ENODATA");
            assertThat(ends.subList(590, death).stream().filter("ENODATA"::equals))
                    .as("about 15 of 300")
                    .hasSizeBetween(4, 40);
            assertThat(ends.subList(death, ends.size())).containsOnly("ENODEV");
            assertThat(end(() -> device.write(0, new byte[BLOCK]))).isEqualTo("ENODEV");
        }
    }

    @Test
    void latentSectorErrorsLieTogetherAndHealWhenWritten(
            @UblkDisk(size = "256MiB", faults = "classpath:fault-scripts/latent-sector-errors.fault") Disk disk)
            throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            List<Integer> bad = badSectors(device, 256);
            assertThat(bad.size() / (256 * 2048.0)).as("share of bad sectors").isBetween(0.00025, 0.001);
            long withBadNeighbour =
                    bad.stream().filter(s -> bad.contains(s + 1)).count();
            assertThat((double) withBadNeighbour / bad.size())
                    .as("how often the next one is bad as well")
                    .isGreaterThanOrEqualTo(15 / 16.0);
            assertThat(bad.stream().filter(s -> s % 16 == 0).count() * 16L)
                    .as("they come in runs of 16")
                    .isEqualTo(bad.size());
            int one = bad.get(7);
            device.write(one * 512L, new byte[512]);
            assertThat(end(() -> device.read(one * 512L, 512))).isEqualTo("OK");
            assertThat(end(() -> device.read((one + 1) * 512L, 512))).isEqualTo("ENODATA");
        }
    }

    @Test
    void bitRotIsOneBitInAThousandBlocksAndTheSameEachTime(
            @UblkDisk(size = "64MiB", faults = "classpath:fault-scripts/bit-rot.fault") Disk disk) throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            List<String> wrong = wrongBits(device);
            assertThat(wrong).as("one in a thousand of 16,384 blocks").hasSizeBetween(7, 33);
            assertThat(wrong).allMatch(sector -> sector.endsWith("1 bit"));
            assertThat(wrongBits(device)).isEqualTo(wrong);
            disk.faults().verify("rot").fired();
            disk.faults().clear();
            assertThat(wrongBits(device))
                    .as("the disk has the right bits all the time")
                    .isEmpty();
        }
    }

    @Test
    void theSsdZooLosesShearsAndKills(
            @UblkDisk(size = "64MiB", faults = "classpath:fault-scripts/ssd-power-faults.fault") Disk disk)
            throws IOException {
        int writes = 0;
        try (RawDevice device = new RawDevice(disk.device())) {
            long lies = 0;
            int flushes = 0;
            int honest = 0;
            do { // until the last flush was a lie
                honest = writes;
                for (int i = 0; i < 20; i++) {
                    device.write((long) writes++ * BLOCK, full(1));
                }
                device.flush();
                flushes++;
                long liesBefore = lies;
                lies = fired(disk, "liar");
                if (lies > liesBefore && flushes >= 6) {
                    break;
                }
            } while (flushes < 60);
            assertThat(lies).as("a third of %d flushes", flushes).isBetween(1L, flushes - 1L);
            assertThat(disk.mark("cut")).isEqualTo(1);
            assertThat(end(() -> device.read(0, BLOCK))).isEqualTo("EIO");
            assertThat(disk.mark("back")).isEqualTo(2);
            List<Integer> dead = badSectors(device, 64);
            assertThat(dead).isNotEmpty();
            assertThat(dead.size() % 8).isZero();
            dead.forEach(sector -> heal(device, sector));

            List<Integer> arrived = new ArrayList<>();
            for (int i = honest; i < writes; i++) {
                arrived.add(sectorsOf(device.read((long) i * BLOCK, BLOCK)));
            }
            assertThat(arrived).as("lost, though flushed").contains(0);
            assertThat(arrived).as("shorn").anyMatch(sectors -> sectors > 0 && sectors < 8);
            int lost = arrived.indexOf(0);
            assertThat(arrived.subList(lost, arrived.size()))
                    .as("a newer one is there")
                    .anyMatch(s -> s > 0);
        }
    }

    @Test
    void aLyingDriveLosesWhatIsYoungerThanTwoSeconds(
            @UblkDisk(size = "16MiB", faults = "classpath:fault-scripts/lying-drive.fault") Disk disk)
            throws Exception {
        long millis = Long.MAX_VALUE;
        for (int tries = 0; tries < 10 && millis >= 2000; tries++) { // a busy machine may be too slow for it
            long start = Clock.nanos();
            write(disk, 0);
            disk.powerOff();
            millis = TimeUnit.NANOSECONDS.toMillis(Clock.nanos() - start);
            disk.powerOn();
            try (RawDevice device = new RawDevice(disk.device())) {
                if (millis < 2000) {
                    assertThat(device.read(0, BLOCK)).as("flushed, and gone").containsOnly(0);
                }
                device.write(0, new byte[BLOCK]);
                device.flush();
            }
            TimeUnit.MILLISECONDS.sleep(2500);
        }
        assertThat(millis).as("from the write to the cut, in ms").isLessThan(2000);
        write(disk, BLOCK);
        TimeUnit.MILLISECONDS.sleep(2500);
        disk.powerCut();
        try (RawDevice device = new RawDevice(disk.device())) {
            assertThat(device.read(BLOCK, BLOCK)).as("written back by then").isEqualTo(full(1));
        }
    }

    private static void write(Disk disk, int offset) throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            device.write(offset, full(1));
            device.flush();
        }
    }

    @Test
    void aFailSlowDiskStallsEveryTwoHundredRequests(
            @UblkDisk(size = "16MiB", faults = "classpath:fault-scripts/fail-slow.fault") Disk disk)
            throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            long[] millis = new long[400];
            for (int i = 0; i < millis.length; i++) {
                long start = Clock.nanos();
                device.read(0, BLOCK);
                millis[i] = TimeUnit.NANOSECONDS.toMillis(Clock.nanos() - start);
            }
            assertThat(Arrays.stream(millis).filter(time -> time >= 300))
                    .as("stalls")
                    .hasSizeGreaterThanOrEqualTo(2);
        }
        disk.faults().verify("stall").fired(times(2));
        assertThat(fired(disk, "tail")).isGreaterThan(390);
    }

    @Test
    void aCloudVolumeHasItsCreditAndThenThreeHundredASecond(
            @UblkDisk(size = "16MiB", faults = "classpath:fault-scripts/cloud-burst.fault") Disk disk)
            throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            long start = Clock.nanos();
            int requests = 0;
            for (int throttled = 0; throttled < 3 && requests < 30_000; requests += 200) {
                for (int i = 0; i < 200; i++) {
                    device.read(0, 512);
                }
                throttled += fired(disk, "credit") > 0 ? 1 : 0;
            }
            double seconds = (Clock.nanos() - start) / 1e9;
            disk.faults().verify("credit").fired();
            assertThat(requests).as("with the credit").isGreaterThan(3000);
            assertThat(seconds)
                    .as("%d requests, of which 3000 on credit", requests)
                    .isGreaterThan((requests - 3001) / 300.0);
        }
    }

    @Test
    void aFullThinPoolHasNoSpaceForNewBlocksOnly(
            @UblkDisk(size = "128MiB", faults = "classpath:fault-scripts/thin-pool-full.fault") Disk disk)
            throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            device.write(0, full(1));
            device.write(64L * MIB - BLOCK, full(1));
            assertThat(end(() -> device.write(64L * MIB, full(1)))).isEqualTo("ENOSPC");
            assertThat(end(() -> device.write(127L * MIB, full(1)))).isEqualTo("ENOSPC");
            device.write(0, full(2));
            assertThat(device.read(0, BLOCK)).isEqualTo(full(2));
            assertThat(device.read(64L * MIB, BLOCK)).containsOnly(0);
        }
        disk.faults().verify("full").fired(times(2));
    }

    @Test
    void aFlakyCableFailsInBurstsAndComesBackAfterAReset(
            @UblkDisk(size = "16MiB", faults = "classpath:fault-scripts/flaky-cable.fault") Disk disk)
            throws Exception {
        try (RawDevice device = new RawDevice(disk.device())) {
            List<String> ends = new ArrayList<>();
            while (!ends.contains("ENODEV") && ends.size() < 3000) {
                ends.add(end(() -> device.write(0, new byte[512])));
            }
            long gone = Clock.nanos();
            assertThat(runs(ends, "ENOLINK")).containsExactly(5, 10);
            assertThat(ends.indexOf("ENOLINK")).isBetween(490, 499);
            assertThat(ends.lastIndexOf("ENOLINK")).isBetween(899, 908);
            assertThat(ends).as("nothing else").containsOnly("OK", "ENOLINK", "ENODEV");
            assertThat(end(() -> device.read(0, 512))).as("all is gone").isEqualTo("ENODEV");
            while (!end(() -> device.read(0, 512)).equals("OK")) {
                MILLISECONDS.sleep(50);
                assertThat(Clock.nanos() - gone).isLessThan(SECONDS.toNanos(60));
            }
            assertThat(TimeUnit.NANOSECONDS.toMillis(Clock.nanos() - gone))
                    .as("away, in ms")
                    .isGreaterThan(1900);
            assertThat(end(() -> device.write(0, new byte[512]))).isEqualTo("OK");
        }
    }

    @Test
    void atTheEndOfItsLifeItTakesNoWriteAndCanBeRead(
            @UblkDisk(size = "16MiB", faults = "classpath:fault-scripts/end-of-life.fault") Disk disk)
            throws IOException {
        byte[] much = new byte[4 * MIB];
        Arrays.fill(much, (byte) 1);
        try (RawDevice device = new RawDevice(disk.device())) {
            for (int i = 0; i < 64; i++) {
                device.write(i % 2 * much.length, much);
            }
            assertThat(end(() -> device.write(0, full(2)))).isEqualTo("EREMOTEIO");
            assertThat(end(() -> device.write(MIB, full(2)))).isEqualTo("EREMOTEIO");
            assertThat(device.read(0, BLOCK)).isEqualTo(full(1));
        }
    }

    @Test
    void everyFiftiethPageIsTorn(
            @UblkDisk(size = "16MiB", faults = "classpath:fault-scripts/torn-page.fault") Disk disk)
            throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            for (int i = 1; i <= 100; i++) {
                device.write(0, page(i));
                device.write(MIB, full(i)); // smaller, and never torn
                byte[] found = device.read(0, 2 * BLOCK);
                byte[] expected = page(i);
                if (i % 50 == 0) {
                    System.arraycopy(page(i - 1), BLOCK, expected, BLOCK, BLOCK);
                }
                assertThat(Arrays.equals(found, expected)).as("page %d", i).isTrue();
                assertThat(Arrays.equals(device.read(MIB, BLOCK), full(i))).isTrue();
            }
        }
        disk.faults().verify("torn").fired(times(2));
    }

    @Test
    void everyTwoHundredthWriteLandsAMebibyteFurtherOn(
            @UblkDisk(size = "16MiB", faults = "classpath:fault-scripts/misdirected-write.fault") Disk disk)
            throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            device.write(5 * MIB, full(77)); // somebody else's
            for (int i = 2; i <= 199; i++) {
                device.write(4 * MIB, full(1));
            }
            assertThat(device.read(5 * MIB, BLOCK)).isEqualTo(full(77));
            device.write(4 * MIB, full(2));
            assertThat(device.read(4 * MIB, BLOCK)).as("keeps its old bytes").isEqualTo(full(1));
            assertThat(device.read(5 * MIB, BLOCK)).as("somebody else's").isEqualTo(full(2));
            device.write(4 * MIB, full(3));
            assertThat(device.read(4 * MIB, BLOCK)).isEqualTo(full(3));
        }
        disk.faults().verify("astray").fired(times(1));
    }

    private static long fired(Disk disk, String name) {
        return disk.faults().rules().stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow()
                .fired();
    }

    private interface Io {
        void run() throws IOException;
    }

    /** OK, or the errno. */
    private static String end(Io io) {
        try {
            io.run();
            return "OK";
        } catch (IOException e) {
            return e.getMessage().substring(e.getMessage().lastIndexOf(' ') + 1);
        }
    }

    private static long median(long[] values, int from, int to) {
        long[] some = Arrays.copyOfRange(values, from, to);
        Arrays.sort(some);
        return some[some.length / 2];
    }

    /** Every sector of the disk is read, those that fail by halving until they are alone. */
    private static List<Integer> badSectors(RawDevice device, int sizeMib) {
        List<Integer> bad = new ArrayList<>();
        for (int i = 0; i < sizeMib; i++) {
            search(device, i * 2048, 2048, bad);
        }
        return bad;
    }

    private static void search(RawDevice device, int first, int count, List<Integer> bad) {
        String end = end(() -> device.read(first * 512L, count * 512));
        if (end.equals("OK")) {
            return;
        }
        assertThat(end).isEqualTo("ENODATA");
        if (count == 1) {
            bad.add(first);
        } else {
            search(device, first, count / 2, bad);
            search(device, first + count / 2, count / 2, bad);
        }
    }

    private static void heal(RawDevice device, int sector) {
        assertThat(end(() -> device.write(sector * 512L, new byte[512]))).isEqualTo("OK");
        assertThat(end(() -> device.read(sector * 512L, 512))).isEqualTo("OK");
    }

    /** Of a disk that was never written: the sectors that are not all zero, and how many bits of each. */
    private static List<String> wrongBits(RawDevice device) throws IOException {
        List<String> wrong = new ArrayList<>();
        byte[] zeroes = new byte[512];
        for (int mib = 0; mib < 64; mib++) {
            byte[] data = device.read((long) mib * MIB, MIB);
            for (int at = 0; at < data.length; at += 512) {
                if (!Arrays.equals(data, at, at + 512, zeroes, 0, 512)) {
                    int bits = IntStream.range(at, at + 512)
                            .map(i -> Integer.bitCount(data[i] & 0xff))
                            .sum();
                    wrong.add("sector " + (mib * 2048 + at / 512) + ": " + bits + " bit");
                }
            }
        }
        return wrong;
    }

    /** How many sectors from the first on are of a {@link #full} block; the rest is as it was, zeroes. */
    private static int sectorsOf(byte[] block) {
        int sectors = 0;
        while (sectors < 8 && block[sectors * 512] == 1) {
            sectors++;
        }
        byte[] expected = new byte[BLOCK];
        Arrays.fill(expected, 0, sectors * 512, (byte) 1);
        assertThat(block).isEqualTo(expected);
        return sectors;
    }

    /** The lengths of the unbroken runs of that word. */
    private static List<Integer> runs(List<String> ends, String word) {
        List<Integer> runs = new ArrayList<>();
        for (int i = 0; i < ends.size(); i++) {
            if (ends.get(i).equals(word)) {
                if (i > 0 && ends.get(i - 1).equals(word)) {
                    runs.set(runs.size() - 1, runs.get(runs.size() - 1) + 1);
                } else {
                    runs.add(1);
                }
            }
        }
        return runs;
    }

    private static byte[] full(int content) {
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) content);
        return block;
    }

    private static byte[] page(int content) {
        byte[] page = new byte[2 * BLOCK];
        Arrays.fill(page, (byte) content);
        return page;
    }
}
