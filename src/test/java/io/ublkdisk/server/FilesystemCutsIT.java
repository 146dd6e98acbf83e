package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Power cuts at random moments of a run that makes, renames and deletes files and folders, and forces some. The run does not
 * stop: each cut is of its crash image, in which half of what was unflushed survives, mounted and checked on another disk.
 *
 * <p>With {@code -Dublkdisk.all=true} 200 cuts for each filesystem, a few on any day.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class FilesystemCutsIT {
    private static final boolean ALL = Boolean.getBoolean("ublkdisk.all");
    private static final int CUTS = ALL ? 200 : 3;
    private static final int SUSPECT_CUTS = ALL ? 60 : 12;
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

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void whatWasForcedIsThereAndTheFilesystemClean(FileSystem fs) throws Exception {
        Tally tally = cut(spec(fs).build(), CUTS, true);
        assertThat(tally.problems).isEmpty();
        assertThat(tally.promised).isPositive();
    }

    /** The same with a drive that lies: what was promised is gone. */
    @Test
    void aLyingDriveLosesWhatWasForced() throws Exception {
        Tally tally = cut(spec(FileSystem.EXT4).script("on flush,fua lie").build(), SUSPECT_CUTS, false);
        assertThat(tally.problems).anyMatch(problem -> problem.contains("was promised"));
    }

    /** Without barriers the filesystem asks for no flush, and cannot expect anything. */
    @Test
    void ext4WithoutBarriersIsDamaged() throws Exception {
        Tally tally = cut(spec(FileSystem.EXT4).mountOptions("barrier=0").build(), SUSPECT_CUTS, false);
        assertThat(tally.problems).isNotEmpty();
    }

    @Test
    void ext2NeedsRepair() throws Exception {
        Tally tally = cut(spec(FileSystem.EXT4).mkfsOptions("-t ext2").build(), SUSPECT_CUTS, false);
        assertThat(tally.problems).anyMatch(problem -> problem.contains("fsck"));
    }

    private static DiskSpec.Builder spec(FileSystem fs) {
        return DiskSpec.builder()
                .size(fs == FileSystem.EXT4 ? "64MiB" : "320MiB")
                .fileSystem(fs);
    }

    private static final class Tally {
        final List<String> problems = new ArrayList<>();
        long promised;
    }

    /** @param strict whether every problem is one too many; else the first ends it */
    private static Tally cut(DiskSpec spec, int cuts, boolean strict) throws Exception {
        RemoteDisk disk = server.create(spec);
        RemoteDisk shown = disk.crashImage("all", 0);
        Tally tally = new Tally();
        SplittableRandom random = new SplittableRandom(1);
        try (Run run = new Run(disk.mountPoint().orElseThrow())) {
            for (int seed = 0; seed < cuts && (strict || tally.problems.isEmpty()); seed++) {
                Thread.sleep(random.nextInt(50, 400));
                List<Integer> promised = List.copyOf(run.promised);
                tally.promised = promised.size();
                examine(disk, shown, seed, promised, tally);
            }
        }
        System.out.printf(
                "%s %s %s: %d promises, %s%n",
                spec.fileSystem().word(), spec.mkfsOptions(), spec.mountOptions(), tally.promised, tally.problems);
        return tally;
    }

    private static void examine(RemoteDisk disk, RemoteDisk shown, int seed, List<Integer> promised, Tally tally)
            throws Exception {
        Path there;
        try {
            there = disk.showCrashImage("random 0.5", seed, shown, true).orElseThrow();
        } catch (DiskException e) {
            tally.problems.add("cut " + seed + ": " + e.getMessage());
            return;
        }
        for (int number : promised) {
            try {
                if (!Files.readString(Run.kept(there, number)).equals(Run.text(number))) {
                    tally.problems.add("cut " + seed + ": file " + number + " was promised and has other bytes");
                }
            } catch (NoSuchFileException e) {
                tally.problems.add("cut " + seed + ": file " + number + " was promised and is not there");
            } catch (IOException e) {
                tally.problems.add("cut " + seed + ": file " + number + " was promised: " + e);
            }
        }
        shown.check().ifPresent(wrong -> tally.problems.add("cut " + seed + ": fsck: " + wrong));
    }

    /** Makes work for a filesystem, on a thread of its own. */
    private static final class Run implements AutoCloseable {
        private final Path root;
        private final List<Integer> promised = new CopyOnWriteArrayList<>();
        private final Thread thread = new Thread(this::work);
        private volatile boolean ended;
        private volatile IOException problem;

        Run(Path root) {
            this.root = root;
            thread.start();
        }

        static Path kept(Path root, int number) {
            return root.resolve("kept-" + number % 4).resolve("file-" + number);
        }

        static String text(int number) {
            return ("file " + number + "\n").repeat(200 + number % 300);
        }

        private void work() {
            try {
                for (int number = 0; !ended; number++) {
                    churn(number);
                    keep(number);
                }
            } catch (IOException e) {
                problem = e;
            } catch (UncheckedIOException e) {
                problem = e.getCause();
            }
        }

        /** Never forced: folders come, move and go, with files in them. */
        private void churn(int number) throws IOException {
            Path folder =
                    Files.createDirectories(root.resolve("churn-" + number % 16).resolve("of-" + number));
            for (int i = 0; i < 4; i++) {
                Files.writeString(folder.resolve("f" + i), text(number + i));
            }
            Files.move(folder.resolve("f0"), folder.resolve("moved"));
            Files.delete(folder.resolve("f1"));
            if (number >= 16) {
                Path old = root.resolve("churn-" + number % 16).resolve("of-" + (number - 16));
                for (String name : List.of("moved", "f2", "f3")) {
                    Files.delete(old.resolve(name));
                }
                Files.delete(old);
            }
        }

        private void keep(int number) throws IOException {
            Path file = kept(root, number);
            boolean fresh = !Files.isDirectory(file.getParent());
            Files.createDirectories(file.getParent());
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(text(number).getBytes()));
                channel.force(true);
            }
            sync(file.getParent());
            if (fresh) {
                sync(root);
            }
            promised.add(number);
            if (promised.size() > 400) {
                ended = true;
            }
        }

        private static void sync(Path folder) throws IOException {
            try (FileChannel channel = FileChannel.open(folder)) {
                channel.force(true);
            }
        }

        @Override
        public void close() throws IOException {
            ended = true;
            try {
                thread.join(60_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            assertThat(thread.isAlive()).isFalse();
            if (problem != null) {
                throw problem;
            }
        }
    }
}
