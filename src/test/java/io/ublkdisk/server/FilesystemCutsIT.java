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
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Power cuts at random moments of a run that makes, renames and deletes files and folders, and forces some. The run does not
 * stop: each cut is of its crash image, in which half of what was unflushed survives, mounted and checked on another disk. There
 * what was forced is whole, what was just written is absent or empty, of what was written earlier there is the beginning or
 * nothing, and fsck finds nothing to repair.
 *
 * <p>With {@code -Dublkdisk.all=true} 200 cuts for each filesystem, a few on any day.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class FilesystemCutsIT {
    private static final boolean ALL = Boolean.getBoolean("ublkdisk.all");
    private static final int CUTS = ALL ? 200 : 3;
    private static final int SUSPECT_CUTS = ALL ? 200 : 12;
    private static final Predicate<String> NONE_IS_ENOUGH = problem -> false;
    private static final Predicate<String> LOSS = problem -> problem.contains("was promised");
    /** A filesystem that cannot be mounted, or needs repair. */
    private static final Predicate<String> DAMAGE = LOSS.negate();

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
        Tally tally = cut(spec(fs).build(), CUTS, NONE_IS_ENOUGH);
        assertThat(tally.problems).isEmpty();
        assertThat(tally.promises).isPositive();
    }

    /** The same with a drive that lies: what was promised is gone. */
    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aLyingDriveLosesWhatWasForced(FileSystem fs) throws Exception {
        Tally tally = cut(spec(fs).script("on flush,fua lie").build(), SUSPECT_CUTS, LOSS.or(DAMAGE));
        assertThat(tally.problems).isNotEmpty();
        if (fs == FileSystem.EXT4) {
            // The others may not even be mountable then.
            assertThat(tally.problems).anyMatch(LOSS);
        }
    }

    /** Without barriers the filesystem asks for no flush, and cannot expect anything; with them all is well, as often as you like. */
    @Test
    void ext4IsDamagedWithoutBarriersAndNeverWithThem() throws Exception {
        Tally with = cut(spec(FileSystem.EXT4).mountOptions("barrier=1").build(), CUTS, NONE_IS_ENOUGH);
        assertThat(with.problems).isEmpty();
        Tally without = cut(
                spec(FileSystem.EXT4).mountOptions("barrier=0").build(), SUSPECT_CUTS, ALL ? DAMAGE : DAMAGE.or(LOSS));
        assertThat(without.problems).anyMatch(ALL ? DAMAGE : DAMAGE.or(LOSS));
    }

    @Test
    void ext2NeedsRepair() throws Exception {
        Predicate<String> repair = problem -> problem.contains("fsck");
        Tally tally = cut(spec(FileSystem.EXT4).mkfsOptions("-t ext2").build(), SUSPECT_CUTS, repair);
        assertThat(tally.problems).anyMatch(repair);
    }

    private static DiskSpec.Builder spec(FileSystem fs) {
        return DiskSpec.builder()
                .size(fs == FileSystem.EXT4 ? "64MiB" : "320MiB")
                .fileSystem(fs);
    }

    private static final class Tally {
        final List<String> problems = new ArrayList<>();
        int cuts;
        long promises;
        long unsynced;

        /** Of each kind the first. */
        @Override
        public String toString() {
            return cuts + " cuts, " + promises + " promises looked at, " + unsynced + " unsynced files, "
                    + problems.stream().filter(LOSS).count() + " losses, "
                    + problems.stream().filter(DAMAGE).count() + " damages"
                    + Stream.of(LOSS, DAMAGE)
                            .flatMap(kind -> problems.stream().filter(kind).limit(1))
                            .map(problem -> "\n  " + problem.lines().limit(8).collect(Collectors.joining("\n    ")))
                            .collect(Collectors.joining());
        }
    }

    /** @param enough the problem that ends it */
    private static Tally cut(DiskSpec spec, int cuts, Predicate<String> enough) throws Exception {
        RemoteDisk disk = server.create(spec);
        RemoteDisk shown = disk.crashImage("all", 0);
        Tally tally = new Tally();
        SplittableRandom random = new SplittableRandom(1);
        try (Run run = new Run(disk.mountPoint().orElseThrow())) {
            while (tally.cuts < cuts && tally.problems.stream().noneMatch(enough)) {
                Thread.sleep(random.nextInt(50, 400));
                run.checkAlive();
                examine(disk, shown, run, tally);
                tally.cuts++;
            }
        }
        System.out.printf("%s %s %s: %s%n", spec.fileSystem().word(), spec.mkfsOptions(), spec.mountOptions(), tally);
        return tally;
    }

    private static void examine(RemoteDisk disk, RemoteDisk shown, Run run, Tally tally) throws Exception {
        String cut = "cut " + tally.cuts + ": ";
        Path unsynced = Path.of("unsynced-" + tally.cuts);
        Files.deleteIfExists(run.root.resolve("unsynced-" + (tally.cuts - 8)));
        List<Integer> promised = new ArrayList<>(run.promised);
        Files.writeString(run.root.resolve(unsynced), Run.text(tally.cuts));
        Path there;
        try {
            there = disk.showCrashImage("random 0.5", tally.cuts, shown, true).orElseThrow();
        } catch (DiskException e) {
            tally.problems.add(cut + "it cannot be mounted: " + e.getMessage());
            return;
        }
        promised.retainAll(run.promised); // and not deleted meanwhile
        for (int number : promised) {
            try {
                if (!Files.readString(Run.kept(there, number)).equals(Run.text(number))) {
                    tally.problems.add(cut + "file " + number + " was promised and has other bytes");
                }
            } catch (NoSuchFileException e) {
                tally.problems.add(cut + "file " + number + " was promised and is not there");
            } catch (IOException e) {
                tally.problems.add(cut + "file " + number + " was promised: " + e);
            }
        }
        tally.promises += promised.size();
        Path fresh = there.resolve(unsynced);
        if (Files.exists(fresh) && Files.size(fresh) != 0) {
            tally.problems.add(
                    cut + "what was written a moment ago and not forced has " + Files.size(fresh) + " bytes");
        }
        churned(there, cut, tally);
        shown.check().ifPresent(wrong -> tally.problems.add(cut + "fsck: " + wrong));
    }

    /** Of what was never forced there may be the beginning. */
    private static void churned(Path there, String cut, Tally tally) throws IOException {
        try (Stream<Path> all = Files.walk(there)) {
            for (Path file : all.filter(Run::isChurn).toList()) {
                tally.unsynced++;
                if (!Run.churnText(file).startsWith(Files.readString(file))) {
                    tally.problems.add(
                            cut + there.relativize(file) + " was not forced, and has bytes of something else");
                }
            }
        } catch (IOException | UncheckedIOException e) {
            tally.problems.add(cut + "what was not forced cannot be looked at: " + e);
        }
    }

    /** Makes work for a filesystem, on a thread of its own. */
    private static final class Run implements AutoCloseable {
        private static final int KEPT = 60;
        private final Path root;
        private final List<Integer> promised = new CopyOnWriteArrayList<>();
        private final Thread thread = new Thread(this::work);
        private volatile boolean ended;
        private volatile IOException problem;

        Run(Path root) {
            this.root = root;
            thread.start();
        }

        void checkAlive() throws IOException {
            if (problem != null) {
                throw problem;
            }
        }

        static boolean isChurn(Path file) {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && file.getParent().getFileName().toString().startsWith("of-");
        }

        /** What was written to that file of {@link #churn}, whole. */
        static String churnText(Path file) {
            int number =
                    Integer.parseInt(file.getParent().getFileName().toString().substring(3));
            String name = file.getFileName().toString();
            return text(number + (name.equals("moved") ? 0 : Integer.parseInt(name.substring(1))));
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
            if (promised.size() > KEPT) {
                int oldest = promised.remove(0);
                Files.delete(kept(root, oldest));
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
