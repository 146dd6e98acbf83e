package io.ublkdisk.junit.engine.campaign;

import com.sun.nio.file.ExtendedOpenOption;
import io.ublkdisk.block.Seed;
import io.ublkdisk.junit.WriteBack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes back what a program leaves in the page cache, while it runs: on a thread of its own, and when the program promises
 * something. A read past the page cache (O_DIRECT) has the kernel write the dirty pages of its range first, without a flush, as
 * write-back does; {@code fsync} of a file commits the filesystem's journal with a flush.
 */
public final class WriteBackSchedule implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final int LONGEST_PIECE_PAGES = 16;
    private static final int FILE_LIMIT = 1_000;
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long END_MILLIS = 30_000;

    private final WriteBack kind;
    private final Path folder;
    private final long seed;
    private final Thread thread;
    private volatile boolean over;
    /** Of the next choice; guarded by this. */
    private long step;

    private WriteBackSchedule(WriteBack kind, Path folder, long seed) {
        this.kind = kind;
        this.folder = folder;
        this.seed = seed;
        this.thread = new Thread(this::work, "ublkdisk write-back " + kind);
        thread.setDaemon(true);
    }

    /** Begins it for the filesystem that is mounted there. */
    static WriteBackSchedule begin(WriteBack kind, Path folder, long seed) {
        WriteBackSchedule schedule = new WriteBackSchedule(kind, folder, seed);
        if (kind != WriteBack.NONE) {
            schedule.thread.start();
        }
        return schedule;
    }

    private void work() {
        while (!over) {
            LockSupport.parkNanos(kind == WriteBack.PERIODIC ? PERIOD_NANOS : 1 + below(LONGEST_PAUSE_NANOS));
            if (!over) {
                act();
            }
        }
    }

    /** Called when the program is about to promise something. */
    void beforePromise() {
        if (kind == WriteBack.SEEDED && below(2) == 0) {
            act();
        }
    }

    private synchronized void act() {
        try {
            List<Path> files = files();
            if (files.isEmpty()) {
                return;
            }
            if (kind == WriteBack.PERIODIC) {
                for (Path file : files) {
                    write(file, 0, Long.MAX_VALUE);
                }
                commit(files.get(files.size() - 1));
            } else {
                actBySeed(files.get((int) below(files.size())));
            }
        } catch (IOException | UncheckedIOException gone) {
            // A file that the program deletes or renames meanwhile needs no write-back.
        }
    }

    private void actBySeed(Path file) throws IOException {
        long pages = (Files.size(file) + PAGE - 1) / PAGE;
        switch ((int) below(4)) {
            case 0 -> commit(file);
            case 1 -> write(file, 0, Long.MAX_VALUE);
            default -> {
                if (pages > 0) {
                    write(file, below(pages), 1 + below(LONGEST_PIECE_PAGES));
                }
            }
        }
    }

    /** Returns the files of the disk, the one that was changed first first. */
    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            Map<Path, Long> changed = all.filter(Files::isRegularFile)
                    .limit(FILE_LIMIT)
                    .collect(Collectors.toMap(file -> file, WriteBackSchedule::changedAt));
            return changed.keySet().stream()
                    .sorted(Comparator.comparing((Path file) -> changed.get(file))
                            .thenComparing(file -> file))
                    .toList();
        }
    }

    private static long changedAt(Path file) {
        try {
            return Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
        } catch (IOException gone) {
            return Long.MAX_VALUE;
        }
    }

    /** Has the kernel write the dirty pages of that part of a file, without a flush. */
    public static void write(Path file, long firstPage, long pages) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect((LONGEST_PIECE_PAGES + 1) * PAGE)
                    .alignedSlice(PAGE)
                    .slice(0, LONGEST_PIECE_PAGES * PAGE);
            long size = channel.size();
            long end = pages > size / PAGE ? size : Math.min(size, (firstPage + pages) * PAGE);
            for (long at = firstPage * PAGE; at < end; at += buffer.capacity()) {
                buffer.clear();
                buffer.limit((int) Math.min(buffer.capacity(), (end - at + PAGE - 1) / PAGE * PAGE));
                if (channel.read(buffer, at) < 0) {
                    return;
                }
            }
        }
    }

    private static void commit(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private synchronized long below(long limit) {
        return (long) (Seed.unit(Seed.combine(seed, step++)) * limit);
    }

    /** Ends it: when this has returned nothing is written back, and no file is open. */
    @Override
    public void close() {
        over = true;
        LockSupport.unpark(thread);
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
