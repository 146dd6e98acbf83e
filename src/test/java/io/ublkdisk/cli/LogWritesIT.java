package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.RemoteRecording;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.LogReader;
import io.ublkdisk.protocol.LogSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Logs of writes between us and others: what the kernel's dm-log-writes has logged, we replay; what we have logged, others do.
 * Images are compared by what md5sum says, filesystems by e2fsck.
 */
@Timeout(300)
class LogWritesIT {
    /** xfstests' program, where this machine has it: no package of Debian does. */
    private static final String REPLAY_LOG = System.getProperty("ublkdisk.replay-log", "replay-log");

    private static ServerConnection server;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws DiskException {
        server = ServerProcess.shared().connection();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        sh("! dmsetup info logged >/dev/null 2>&1 || { umount " + folder + "/mnt || true; dmsetup remove -f logged; }");
        for (var info : server.disks()) {
            server.disk(info).delete();
        }
    }

    private static String sh(String line) throws Exception {
        Process process =
                new ProcessBuilder("sh", "-ec", line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s%n%s", line, said).isZero();
        return said.strip();
    }

    private static String md5(Path path) throws Exception {
        return sh("md5sum <" + path);
    }

    /** A replay that must go well. */
    private static String replay(Path log, Path to, String... options) {
        Ended ended =
                Ended.here(Stream.concat(Stream.of("replay", log.toString(), "--to", to.toString()), Stream.of(options))
                        .toArray(String[]::new));
        assertThat(ended.err()).isEmpty();
        assertThat(ended.status()).isZero();
        return ended.out();
    }

    /** Some files, forced, replaced, removed; and what is not forced. */
    private static void work(Path mountPoint) throws Exception {
        for (int i = 0; i < 4; i++) {
            Path file = mountPoint.resolve("file" + i % 3);
            Files.writeString(file, ("round " + i + "\n").repeat(2000));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
        Files.delete(mountPoint.resolve("file1"));
        sh("cd " + mountPoint + " && mkdir a && cp file2 a/copy && mv a b && sync && fstrim -v . || true");
    }

    @Test
    void whatTheKernelHasLoggedWeReplay() throws Exception {
        RemoteDisk data = server.create(DiskSpec.builder().size("16MiB").build());
        RemoteDisk log = server.create(DiskSpec.builder().size("128MiB").build());
        sh("modprobe dm-log-writes && dmsetup create logged --table '0 " + data.sizeBytes() / 512 + " log-writes "
                + data.device() + " " + log.device() + "'");
        // Where no udev runs nobody makes /dev/mapper/logged.
        String logged = "/dev/" + sh("dmsetup info -c --noheadings -o blkdevname logged");
        sh("mkfs.ext4 -q -F " + logged + " && dmsetup message logged 0 mark mkfs");
        Path mountPoint = Files.createDirectory(folder.resolve("mnt"));
        sh("mount " + logged + " " + mountPoint);
        work(mountPoint);
        sh("umount " + mountPoint + " && dmsetup message logged 0 mark all-is-written");
        sh("dmsetup remove logged");

        assertThat(Ended.here("replay", log.device().toString()).out())
                .contains("dm-log-writes version 1, sectors of 512 bytes")
                .contains("mark \"mkfs\"", "mark \"all-is-written\"", "mark \"dm-log-writes-end\"");
        Path image = folder.resolve("image");
        replay(log.device(), image, "--size", "16MiB");
        assertThat(md5(image)).isEqualTo(md5(data.device()));
        sh("e2fsck -fn " + image);
        assertThat(sh("debugfs -R 'ls -p /b' " + image + " 2>/dev/null")).contains("/copy/");

        Path early = folder.resolve("early");
        replay(log.device(), early, "--size", "16MiB", "--end-mark", "mkfs");
        sh("e2fsck -fn " + early);
        assertThat(sh("debugfs -R 'ls -p /' " + early + " 2>/dev/null"))
                .contains("lost+found")
                .doesNotContain("file");
        String checked = replay(
                log.device(),
                early,
                "--start-mark",
                "mkfs",
                "--end-mark",
                "dm-log-writes-end",
                "--check",
                "flush",
                "--run",
                "cp $REPLAYED_TO " + folder + "/copy && { e2fsck -fy " + folder + "/copy || test $? -lt 2; }");
        assertThat(checked).containsPattern("checked ([4-9]|[1-9][0-9]+) times");
        assertThat(md5(early)).isEqualTo(md5(data.device()));

        Ended failing = Ended.here(
                "replay", log.device().toString(), "--to", early.toString(), "--check", "3", "--run", "echo no; false");
        assertThat(failing.status()).isEqualTo(1);
        assertThat(failing.err()).contains("after entry 2", "'echo no; false' ends with exit status 1", "  no");
        RemoteDisk small = server.create(DiskSpec.builder().size("1MiB").build());
        assertThat(Ended.here(
                                "replay",
                                log.device().toString(),
                                "--to",
                                small.device().toString())
                        .err())
                .contains("of a larger disk");
        if (hasReplayLog()) {
            Path theirs = folder.resolve("theirs");
            sh("truncate -s 16M " + theirs + " && " + REPLAY_LOG + " --log " + log.device() + " --replay " + theirs);
            assertThat(md5(theirs)).isEqualTo(md5(image));
        }
    }

    @Test
    void whatWeHaveLoggedOthersReplay() throws Exception {
        Path log = folder.resolve("log");
        Path journal = folder.resolve("journal");
        RemoteDisk disk = server.create(DiskSpec.builder()
                .size("16MiB")
                .fileSystem(FileSystem.EXT4)
                .name("db")
                .journalFile(journal)
                .logWrites(log)
                .build());
        Path mountPoint = disk.mountPoint().orElseThrow();
        work(mountPoint);
        disk.mark("worked");
        Files.writeString(mountPoint.resolve("late"), "late");
        disk.unmount();
        String md5 = md5(disk.device());
        String out = Ended.here("journal", "db", "--end-log-writes").out();
        assertThat(out).matches("[0-9]+ entries, [0-9]+ bytes in " + log + "\n");
        assertThat(Ended.here("journal", "db", "--end-log-writes").err()).contains("are not logged; begin it");

        Path image = folder.resolve("image");
        replay(log, image);
        assertThat(md5(image)).isEqualTo(md5);
        sh("e2fsck -fn " + image);
        assertThat(md5(byTheKernelsWords(log, disk.sizeBytes()))).isEqualTo(md5);
        RemoteDisk device = server.create(DiskSpec.builder().size("16MiB").build());
        disk.delete();
        assertThat(replay(journal, device.device(), "-v"))
                .contains("mark \"ublkdisk-start\"", "mark \"worked\"", " fua", ": flush\n")
                .containsPattern("write .* metadata\n") // ext4's journal
                .containsPattern("write [0-9+]+\n")
                .containsPattern("discard \\d+");
        assertThat(md5(device.device())).isEqualTo(md5);
        assertThat(device.stats().discards()).isZero();

        Path worked = folder.resolve("worked");
        replay(log, worked, "--end-mark", "worked");
        sh("e2fsck -fy " + worked + " || test $? -lt 2");
        assertThat(sh("debugfs -R 'ls -p /' " + worked + " 2>/dev/null"))
                .contains("file2")
                .doesNotContain("late");
        boolean others = hasReplayLog();
        System.out.println(out.strip() + (others ? "; replayed by " + REPLAY_LOG : "; there is no replay-log here"));
        if (others) {
            Path theirs = folder.resolve("theirs");
            sh("truncate -s 16M " + theirs + " && " + REPLAY_LOG + " --log " + log + " --replay " + theirs);
            assertThat(md5(theirs)).isEqualTo(md5);
            sh("rm " + theirs + " && truncate -s 16M " + theirs + " && " + REPLAY_LOG + " --log " + log + " --replay "
                    + theirs + " --end-mark worked");
            Path again = folder.resolve("again");
            replay(log, again, "--end-mark", "worked");
            assertThat(md5(theirs)).isEqualTo(md5(again));
        }
    }

    private static boolean hasReplayLog() throws Exception {
        return sh("command -v " + REPLAY_LOG + " || true").length() > 0;
    }

    /** A reader of ours, written from the comments of dm-log-writes.c, that shares nothing with the one that is tested. */
    private Path byTheKernelsWords(Path log, long size) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(log)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] disk = new byte[(int) size];
        assertThat(all.getLong()).isEqualTo(0x6a736677736872L);
        assertThat(all.getLong()).isEqualTo(1);
        long entries = all.getLong();
        int sector = all.getInt();
        int at = sector;
        for (long i = 0; i < entries; i++) {
            int to = (int) all.getLong(at) * sector;
            int length = (int) all.getLong(at + 8) * sector;
            long flags = all.getLong(at + 16);
            at += sector;
            if ((flags & 4) != 0) {
                Arrays.fill(disk, to, to + length, (byte) 0);
            } else {
                all.get(at, disk, to, length);
                at += length;
            }
        }
        return Files.write(folder.resolve("by-words"), disk);
    }

    @Test
    void aRecordingThatHasEndedBecomesALog() throws Exception {
        RemoteDisk disk = server.create(DiskSpec.builder()
                .size("16MiB")
                .fileSystem(FileSystem.EXT4)
                .name("db")
                .build());
        Path mountPoint = disk.mountPoint().orElseThrow();
        Files.writeString(mountPoint.resolve("before"), "not forced when it begins");
        RemoteRecording recording = disk.record();
        Path live = folder.resolve("live");
        disk.logWrites(live);
        work(mountPoint);
        disk.mark("worked");
        Files.writeString(mountPoint.resolve("late"), "late");
        disk.unmount();
        String md5 = md5(disk.device());
        disk.endLogWrites();
        assertThat(recording.stop().endedBy()).isEmpty();
        fill(disk, 0, "oflag=direct conv=fsync,notrunc"); // is in neither

        Path log = folder.resolve("log");
        LogSummary summary = recording.logWrites(log);
        assertThat(summary).hasToString(summary.entries() + " entries, " + Files.size(log) + " bytes in " + log);
        Path image = folder.resolve("image");
        String entries = replay(log, image, "-v");
        assertThat(md5(image)).isEqualTo(md5);
        assertThat(md5(byTheKernelsWords(log, disk.sizeBytes()))).isEqualTo(md5);
        assertThat(entries).contains("mark \"worked\"", " metadata\n", " fua");
        for (Path each : new Path[] {log, live}) {
            replay(each, folder.resolve(each.getFileName() + "-worked"), "--end-mark", "worked");
        }
        assertThat(md5(folder.resolve("log-worked"))).isEqualTo(md5(folder.resolve("live-worked")));

        RemoteDisk again = server.create(
                DiskSpec.builder().size("16MiB").replay(log, "worked").build());
        assertThat(md5(again.device())).isEqualTo(md5(folder.resolve("log-worked")));
        DiskSpec wanting = DiskSpec.builder().size("16MiB").replay(log, null).build();
        sh("truncate -s -512 " + log);
        assertThatThrownBy(() -> server.create(wanting)).hasMessageContaining("is cut off: entry");
        Files.writeString(log, "#!/bin/sh");
        assertThatThrownBy(() -> server.create(wanting)).hasMessageContaining("is no log of dm-log-writes");
        assertThat(server.disks()).hasSize(2);

        assertThatThrownBy(() -> recording.logWrites(Path.of("/no/such/log")))
                .hasMessageContaining("cannot be written to /no/such/log: there is no such folder");
        assertThatThrownBy(() -> recording.logWrites(Path.of("/dev/full")))
                .hasMessageContaining("cannot be written to /dev/full: no space left there; make room");
    }

    @Test
    void aLogThatIsBegunLateGoesOnThroughACutAndARewind() throws Exception {
        RemoteDisk disk =
                server.create(DiskSpec.builder().size("4MiB").name("db").build());
        fill(disk, 0, "conv=fsync,notrunc");
        Path log = folder.resolve("log");
        assertThat(Ended.here("journal", "db", "--log-writes", log.toString()).err())
                .isEmpty();
        disk.snapshot("early");
        String early = md5(disk.device());
        fill(disk, 8, "oflag=direct conv=fsync,notrunc");
        fill(disk, 16, "oflag=direct conv=notrunc"); // not flushed
        disk.powerCut("none", 1);
        disk.powerOn();
        assertThat(await(() -> Ended.here("replay", log.toString()).out().contains("ublkdisk-continues")))
                .isTrue();
        Path image = folder.resolve("image");
        replay(log, image);
        sh("blockdev --flushbufs " + disk.device());
        assertThat(md5(image)).isEqualTo(md5(disk.device())).isNotEqualTo(early);
        fill(disk, 24, "conv=fsync,notrunc");
        disk.rewind("early");
        LogSummary summary = disk.endLogWrites();
        assertThat(summary.endedBy()).isEmpty();
        Path second = folder.resolve("second");
        replay(log, second);
        assertThat(md5(second)).isEqualTo(md5(disk.device())).isEqualTo(early);
        assertThatThrownBy(() -> disk.logWrites(Path.of("/no/such/log")))
                .hasMessageContaining("cannot be logged to /no/such/log: there is no such folder");
    }

    private static void fill(RemoteDisk disk, int block, String flags) throws Exception {
        sh("dd if=/dev/urandom of=" + disk.device() + " bs=64k count=8 seek=" + block + " status=none " + flags);
    }

    @Test
    void withoutSpaceTheLogEndsAndTheDiskGoesOn() throws Exception {
        Path small = Files.createDirectory(folder.resolve("small"));
        sh("mount -t tmpfs -o size=1M none " + small);
        try {
            Path log = small.resolve("log");
            RemoteDisk disk = server.create(DiskSpec.builder().size("16MiB").build());
            RemoteRecording recording = disk.record();
            disk.logWrites(log); // the server has mounts of its own, and this one is not among them
            assertThat(log).exists();
            for (int i = 0; i < 4; i++) {
                fill(disk, 8 * i, "conv=fsync,notrunc");
            }
            assertThat(await(() -> disk.journalOfEvents().stream()
                            .anyMatch(entry -> entry.kind() == Entry.Kind.JOURNAL
                                    && Pattern.compile("not logged to .* any more \\(No space left on device\\)")
                                            .matcher(entry.text())
                                            .find())))
                    .isTrue();
            sh("dd if=" + disk.device() + " of=/dev/null bs=1M iflag=direct status=none");
            LogSummary summary = disk.endLogWrites();
            assertThat(summary.endedBy()).isEqualTo("No space left on device");
            try (LogReader reader = new LogReader(log)) {
                assertThat(reader.entryCount()).isBetween(3L, summary.entries());
            }
            Path image = folder.resolve("image");
            replay(log, image);
            Path device = disk.device();
            sh("cmp -n 262144 " + image + " " + device);

            recording.stop();
            Files.delete(log);
            long used = disk.stats().memoryUsedBytes();
            assertThatThrownBy(() -> recording.logWrites(log))
                    .hasMessageContaining("cannot be written to " + log + ": no space left there");
            assertThat(disk.stats().memoryUsedBytes()).isEqualTo(used);
        } finally {
            sh("umount " + small);
        }
    }

    @Test
    void withoutSpaceTheJournalsFileEndsAndTheDiskGoesOn() throws Exception {
        RemoteDisk disk = server.create(DiskSpec.builder()
                .size("4MiB")
                .journalFile(Path.of("/dev/full"))
                .build());
        fill(disk, 0, "conv=fsync,notrunc");
        assertThat(await(() -> disk.journalOfEvents().stream()
                        .anyMatch(entry -> entry.kind() == Entry.Kind.JOURNAL
                                && entry.text().contains("/dev/full")
                                && entry.text().contains("No space left on device"))))
                .isTrue();
        fill(disk, 8, "oflag=direct conv=fsync,notrunc");
        sh("dd if=" + disk.device() + " of=/dev/null bs=1M iflag=direct status=none");
        assertThat(disk.journal()).anyMatch(entry -> entry.kind() == Entry.Kind.REQUEST);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static boolean await(Condition condition) throws Exception {
        for (int i = 0; i < 100; i++) {
            if (condition.holds()) {
                return true;
            }
            Thread.sleep(Duration.ofMillis(100).toMillis());
        }
        return false;
    }
}
