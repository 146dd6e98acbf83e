package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.nio.file.ExtendedOpenOption;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.RemoteRecording;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.crash.Sample;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Crash images, recordings and their states, and formatted templates, on real devices. */
@Timeout(300)
class CrashIT {
    private static final int PAGE = 4096;
    private static final int SEEDS = Boolean.getBoolean("ublkdisk.all") ? 1000 : 20;
    private static ServerConnection server;

    @BeforeAll
    static void start() throws DiskException {
        server = ServerProcess.shared().connection();
    }

    @AfterEach
    void nothingIsLeft() throws DiskException {
        for (var info : server.disks()) {
            server.disk(info).delete();
        }
        assertThat(Left.after(Duration.ofSeconds(5))).isEmpty();
    }

    /** A device past the page cache; flush is a real one. */
    private static void write(Path device, int firstPage, int count, int value, boolean force) throws IOException {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            ByteBuffer data = aligned(count * PAGE);
            while (data.hasRemaining()) {
                data.put((byte) value);
            }
            channel.write(data.flip(), (long) firstPage * PAGE);
            if (force) {
                channel.force(true);
            }
        }
    }

    private static byte[] read(Path device, int firstPage, int count) throws IOException {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
            ByteBuffer data = aligned(count * PAGE);
            channel.read(data, (long) firstPage * PAGE);
            byte[] bytes = new byte[count * PAGE];
            data.flip().get(bytes);
            return bytes;
        }
    }

    private static ByteBuffer aligned(int bytes) {
        return ByteBuffer.allocateDirect(bytes + PAGE)
                .alignedSlice(PAGE)
                .limit(bytes)
                .slice();
    }

    private static byte[] filled(int bytes, int value) {
        byte[] filled = new byte[bytes];
        Arrays.fill(filled, (byte) value);
        return filled;
    }

    private static String sha256(Path device, int pages) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(read(device, 0, pages)));
    }

    @Test
    void aCrashImageIsASecondDiskAndTheFirstGoesOn() throws Exception {
        RemoteDisk disk =
                server.create(DiskSpec.builder().size("8MiB").name("db").build());
        write(disk.device(), 0, 4, 1, true);
        for (int page = 0; page < 100; page++) {
            write(disk.device(), page, 1, 2, false);
        }
        RemoteDisk none = disk.crashImage("none", 0);
        RemoteDisk all = disk.crashImage("all", 0);
        write(disk.device(), 0, 1, 3, true);
        assertThat(read(none.device(), 0, 4)).isEqualTo(filled(4 * PAGE, 1));
        assertThat(read(none.device(), 4, 96)).containsOnly(0);
        assertThat(read(all.device(), 0, 100)).isEqualTo(filled(100 * PAGE, 2));
        assertThat(read(disk.device(), 0, 1)).isEqualTo(filled(PAGE, 3));
        for (int page = 0; page < 100; page++) {
            write(disk.device(), page, 1, 4, false);
        }
        String first = sha256(disk.crashImage("random 0.5 torn", 7).device(), 2048);
        assertThat(sha256(disk.crashImage("random 0.5 torn", 7).device(), 2048)).isEqualTo(first);
        assertThat(sha256(disk.crashImage("random 0.5 torn", 8).device(), 2048)).isNotEqualTo(first);
    }

    /**
     * Raw truth on a real device: appended and not forced, gone; appended and forced, there; and what survives by chance is the
     * same, byte by byte, for the same seed. A thousand seeds with {@code -Dublkdisk.all=true}.
     */
    @Test
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void whatWasForcedIsThereAfterACutAndWhatWasNotIsGone() throws Exception {
        RemoteDisk disk = server.create(DiskSpec.builder().size("8MiB").build());
        RemoteDisk another = server.create(DiskSpec.builder().size("8MiB").build());
        Set<String> images = new HashSet<>();
        for (int seed = 1; seed <= SEEDS; seed++) {
            boolean forced = seed % 2 == 0;
            int page = seed % 500;
            write(disk.device(), page, 1, seed & 0x7f | 0x80, forced);
            disk.powerCut("none", seed);
            assertThatThrownBy(() -> disk.powerCut("none", 0)).hasMessageContaining("no power already");
            disk.powerOn();
            int there = forced ? seed & 0x7f | 0x80 : 0;
            assertThat(read(disk.device(), page, 1)).as("seed %d", seed).isEqualTo(filled(PAGE, there));
            write(disk.device(), page, 1, 0, true);
            String image = afterACut(another, seed);
            assertThat(afterACut(another, seed)).as("seed %d", seed).isEqualTo(image);
            images.add(image);
        }
        assertThat(images).as("other seeds, other disks").hasSizeGreaterThan(SEEDS * 9 / 10);
        RemoteDisk plain = server.create(
                DiskSpec.builder().size("8MiB").volatileCache(false).build());
        write(plain.device(), 0, 1, 1, false);
        assertThat(plain.powerCut("none", 0)).contains("no volatile cache").contains("nothing could be lost");
        plain.powerOn();
        assertThat(read(plain.device(), 0, 1)).isEqualTo(filled(PAGE, 1));
    }

    /** A write that survives may be torn between any two sectors, and so may one that was still under way. */
    @ParameterizedTest
    @CsvSource({
        "all torn, 2*1*, 1",
        "all torn right, 1*2*, 1",
        "all torn subset, [12]*, 1",
        "all torn zeroes, 2*0*, 0",
        "all torn right garbage, [^2]*2*, garbage",
        "random 1 torn, 2*1*, 1"
    })
    void aSurvivorIsTornAsAsked(String keep, String shape, String rest) throws Exception {
        boolean underWay = keep.startsWith("random");
        RemoteDisk disk = server.create(DiskSpec.builder().size("8MiB").build());
        Set<String> seen = new HashSet<>();
        for (int seed = 1; seed <= 8; seed++) {
            disk.powerOn();
            write(disk.device(), 0, 8, 1, true);
            CompletableFuture<Boolean> writing = CompletableFuture.completedFuture(true);
            if (underWay) {
                disk.rules().add("rule stuck: on write hold");
                writing = CompletableFuture.supplyAsync(() -> isWritten(disk.device(), 2));
                assertThat(disk.rules().awaitHeld("stuck", Duration.ofSeconds(20)))
                        .isOne();
            } else {
                write(disk.device(), 0, 8, 2, false);
            }
            assertThat(disk.powerCut(keep, seed)).contains("1 torn");
            assertThat(writing.get(20, TimeUnit.SECONDS)).isEqualTo(!underWay);
            disk.rules().clear();
            disk.powerOn();
            String sectors = sectors(read(disk.device(), 0, 8));
            assertThat(sectors).matches(shape).contains("2").doesNotMatch("2*");
            if (rest.equals("garbage")) {
                assertThat(sectors.replace("2", "")).doesNotContain("0", "1").isNotEmpty();
            } else {
                assertThat(sectors.replace("2", "")).containsPattern("^" + rest + "+$");
            }
            seen.add(sectors);
        }
        assertThat(seen).as("by the seed").hasSizeGreaterThan(3);
    }

    private static boolean isWritten(Path device, int value) {
        try {
            write(device, 0, 8, value, false);
            return true;
        } catch (IOException failed) {
            return false;
        }
    }

    /** A letter for each sector: its byte if all of it is that, else g. */
    private static String sectors(byte[] bytes) {
        StringBuilder letters = new StringBuilder();
        for (int at = 0; at < bytes.length; at += 512) {
            boolean isOne = Arrays.equals(Arrays.copyOfRange(bytes, at, at + 512), filled(512, bytes[at]));
            letters.append(isOne ? "" + bytes[at] : "g");
        }
        return letters.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"blkdiscard", "blkdiscard -z"})
    void whatIsDiscardedOrZeroedIsBackAfterACutUnlessItWasFlushed(String program) throws Exception {
        RemoteDisk disk = server.create(DiskSpec.builder().size("8MiB").build());
        write(disk.device(), 0, 16, 1, true);
        String[] words = (program + " -l 32768 " + disk.device()).split(" ");
        assertThat(run(words)).isZero();
        assertThat(read(disk.device(), 0, 8)).containsOnly(0);
        assertThat(disk.unflushed()).hasSize(1);
        disk.powerCut("none", 0);
        disk.powerOn();
        assertThat(read(disk.device(), 0, 16)).containsOnly(1);

        assertThat(run(words)).isZero();
        write(disk.device(), 16, 1, 1, true); // its flush covers what came before
        disk.powerCut("none", 0);
        disk.powerOn();
        assertThat(read(disk.device(), 0, 8)).containsOnly(0);
        assertThat(read(disk.device(), 8, 8)).containsOnly(1);
    }

    /** The request that brings the cut fails already; what of those before it survives is what the line says. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    at write 1000 power-cut keep none                                                | 0
                    at write 1000 power-cut keep first 3                                             | 3
                    rule last: on write sectors 7992..7999 note; when last fires power-cut keep all  | 999
                    """)
    void aCutComesAtAWriteOfThatNumberOrWhenARuleFires(String script, int kept) throws Exception {
        RemoteDisk disk = server.create(DiskSpec.builder()
                .size("8MiB")
                .script(script.replace("; ", "\n"))
                .build());
        try (FileChannel device =
                FileChannel.open(disk.device(), StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            ByteBuffer page = aligned(PAGE).put(filled(PAGE, 5));
            for (int i = 0; i < 999; i++) {
                assertThat(device.write(page.rewind(), (long) i * PAGE)).isEqualTo(PAGE);
            }
            assertThatThrownBy(() -> device.write(page.rewind(), 999L * PAGE)).isInstanceOf(IOException.class);
        }
        assertThat(disk.stats().poweredOn()).isFalse();
        disk.powerOn();
        assertThat(read(disk.device(), 0, kept)).isEqualTo(filled(kept * PAGE, 5));
        assertThat(read(disk.device(), kept, 1000 - kept)).containsOnly(0);
    }

    /** The image or a clear error, never half a disk; the images live on when the disk is gone. */
    @Test
    void aCrashImageOfADiskThatIsBeingDeletedIsMadeOrRefused() throws Exception {
        RemoteDisk disk = server.create(DiskSpec.builder().size("8MiB").build());
        write(disk.device(), 0, 4, 1, true);
        RemoteDisk same = server.disk(server.disks().get(0));
        List<RemoteDisk> images = new CopyOnWriteArrayList<>();
        CountDownLatch first = new CountDownLatch(1);
        CompletableFuture<Throwable> refused = CompletableFuture.supplyAsync(() -> {
            try {
                while (true) {
                    images.add(same.crashImage("none", 0));
                    first.countDown();
                }
            } catch (Throwable e) {
                return e;
            }
        });
        assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(disk.delete()).isEmpty();
        assertThat(refused.get(30, TimeUnit.SECONDS))
                .isInstanceOf(DiskException.class)
                .hasMessageMatching("(?s).*(no disk|deleted|closed).*");
        assertThat(images).isNotEmpty();
        for (RemoteDisk image : images) {
            assertThat(read(image.device(), 0, 4)).isEqualTo(filled(4 * PAGE, 1));
        }
    }

    /** SHA-256 of sixteen pages of which each was written and none forced, beginning with zeroes. */
    private static String afterACut(RemoteDisk disk, int seed) throws Exception {
        disk.reset();
        try (FileChannel channel =
                FileChannel.open(disk.device(), StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            for (int page = 0; page < 16; page++) {
                ByteBuffer data = aligned(PAGE);
                data.put(filled(PAGE, page + 1)).flip();
                channel.write(data, (long) page * PAGE);
            }
        }
        disk.powerCut("random 0.5 torn subset", seed);
        disk.powerOn();
        return sha256(disk.device(), 16);
    }

    @Test
    void aRewindUnderAnothersMountIsRefusedAndTheServersOwnIsMountedAgain(@TempDir Path folder) throws Exception {
        RemoteDisk disk = server.create(
                DiskSpec.builder().size("16MiB").fileSystem(FileSystem.EXT4).build());
        disk.snapshot("empty");
        Files.writeString(disk.mountPoint().orElseThrow().resolve("file"), "later");
        disk.rewind("empty");
        assertThat(disk.mountPoint().orElseThrow().resolve("file")).doesNotExist();
        disk.unmount();
        assertThat(run("mount", disk.device().toString(), folder.toString())).isZero();
        Files.writeString(folder.resolve("file"), "another's");
        assertThatThrownBy(() -> disk.rewind("empty")).hasMessageContaining("is mounted on " + folder + "; unmount it");
        assertThat(folder.resolve("file")).hasContent("another's");
        assertThat(run("umount", folder.toString())).isZero();
        disk.rewind("empty");
        assertThat(disk.mount().resolve("file")).doesNotExist();
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    /** As a program does it that has understood: whole in a new file, forced, then in the place of the old one. */
    private static void replace(Path folder, String text) throws IOException {
        Path fresh = folder.resolve("fresh");
        try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(text.getBytes()));
            file.force(true);
        }
        Files.move(fresh, folder.resolve("current"), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel all = FileChannel.open(folder)) {
            all.force(true);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void everyCrashStateOfAnHonestProgramIsCleanAndHasWhatWasPromised(FileSystem fs) throws Exception {
        RemoteDisk disk = server.create(
                DiskSpec.builder().size("320MiB").fileSystem(fs).name("db").build());
        Path folder = disk.mountPoint().orElseThrow();
        replace(folder, "0");
        RemoteRecording recording = disk.record();
        for (int i = 1; i <= 3; i++) {
            replace(folder, "" + i);
            disk.mark("" + i);
        }
        RemoteRecording.Summary summary = recording.stop();
        assertThat(summary.epochs()).isGreaterThan(3);
        assertThat(summary.endedBy()).isEmpty();
        List<String> states = recording.states(new Sample(fs == FileSystem.EXT4 ? 3 : 2, true, 1));
        assertThat(states).hasSizeGreaterThan(6);
        disk.unmount();
        RemoteDisk shown = recording.disk(states.get(0));
        long start = System.nanoTime();
        for (String state : states) {
            Path there = recording.show(state, shown, true, "").orElseThrow();
            List<String> promised = recording.marks(state);
            int least = promised.isEmpty() ? 0 : Integer.parseInt(promised.get(promised.size() - 1));
            assertThat(Integer.parseInt(Files.readString(there.resolve("current"))))
                    .as(state)
                    .isBetween(least, Math.min(3, least + 1));
            assertThat(shown.check()).as(state).isEmpty();
        }
        long millis = (System.nanoTime() - start) / 1_000_000;
        System.out.printf(
                "%s: %s; %d states mounted, read and checked in %d ms, %.1f/s%n",
                fs.word(), summary, states.size(), millis, states.size() * 1000.0 / millis);
        assertThat(shown.mount()).as("it is a disk as any other").isDirectory();
    }

    @Test
    void saysWhatIsWrongWithARequestForStates() throws Exception {
        RemoteDisk disk = server.create(DiskSpec.builder().size("8MiB").build());
        assertThatThrownBy(() -> disk.recording().stop()).hasMessageContaining("nothing was recorded");
        RemoteRecording recording = disk.record();
        write(disk.device(), 0, 1, 1, false);
        assertThatThrownBy(() -> recording.disk("e0:some")).hasMessageContaining("all, none, upto-N");
        assertThatThrownBy(() -> recording.disk("e9:all")).hasMessageContaining("epochs 0 to 0");
        assertThatThrownBy(() -> recording.marks("x")).hasMessageContaining("no crash state");
        assertThat(recording.states(Sample.DEFAULT)).contains("e0:all", "e0:none");
        assertThat(recording.epoch(0).changes()).hasSize(1);
        assertThatThrownBy(disk::check).hasMessageContaining("no filesystem to check");
        RemoteDisk other = server.create(DiskSpec.builder().size("16MiB").build());
        assertThatThrownBy(() -> recording.show("e0:all", other, false, ""))
                .hasMessageContaining("rewind to a snapshot of this disk");
        RemoteDisk shown = recording.disk("e0:none");
        assertThat(read(shown.device(), 0, 1)).containsOnly(0);
        recording.show("e0:all", shown, false, "");
        assertThat(read(shown.device(), 0, 1)).containsOnly(1);
    }

    private static String uuid(Path device) throws Exception {
        Process blkid = new ProcessBuilder("blkid", "-p", "-s", "UUID", "-o", "value", device.toString()).start();
        return new String(blkid.getInputStream().readAllBytes()).strip();
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aSecondDiskOfAKindIsNotFormattedAgain(FileSystem fs) throws Exception {
        DiskSpec spec = DiskSpec.builder().size("321MiB").fileSystem(fs).build();
        long start = System.nanoTime();
        RemoteDisk first = server.create(spec);
        long formatted = System.nanoTime() - start;
        Files.writeString(first.mountPoint().orElseThrow().resolve("mine"), "1");
        long[] forked = new long[3];
        for (int i = 0; i < forked.length; i++) {
            start = System.nanoTime();
            RemoteDisk next = server.create(spec);
            forked[i] = System.nanoTime() - start;
            assertThat(next.mountPoint().orElseThrow().resolve("mine")).doesNotExist();
            Files.writeString(next.mountPoint().orElseThrow().resolve("mine"), "" + i);
        }
        assertThat(first.mountPoint().orElseThrow().resolve("mine")).hasContent("1");
        Set<String> uuids = new HashSet<>();
        for (var info : server.disks()) {
            uuids.add(uuid(info.device()));
        }
        assertThat(uuids).as("all four from one mkfs").hasSize(1).doesNotContain("");
        System.out.printf(
                "%s: created and mounted, with mkfs %d ms, then %s ms%n",
                fs.word(),
                formatted / 1_000_000,
                Arrays.stream(forked).map(nanos -> nanos / 1_000_000).boxed().toList());
        RemoteDisk other = server.create(spec.toBuilder().size("322MiB").build());
        assertThat(other.mountPoint().orElseThrow()).isDirectory();
    }
}
