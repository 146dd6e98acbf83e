package io.ublkdisk.server.log;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.disk.Drive;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The marks of a disk, and which of them were set before its power was cut last.
 *
 * <p>A program that writes through the page cache does not notice a power cut for many seconds, and goes on to set marks. A
 * mark counts as set before a cut only if the disk had power before and after the mark was set, in the same power cycle. In
 * doubt it came too late.
 *
 * <p>Thread safe.
 */
public final class Marks {
    /** Of more than these the oldest are forgotten. */
    private static final int LIMIT = 100_000;

    /** @param cycle the drive's power cycle when it was set, see {@link io.ublkdisk.cache.WriteCache#powerCycle} */
    private record Mark(String text, int cycle) {}

    private final Drive drive;
    private final Deque<Mark> marks = new ArrayDeque<>();
    /** Cuts before this cycle are forgotten. */
    private int first;
    /** Marks are refused after the first cut that comes after this cycle; -1 for never. */
    private int stopAfter = -1;

    public Marks(Drive drive) {
        this.drive = drive;
    }

    /**
     * Sets a mark.
     *
     * @param record writes it down wherever marks are written
     * @throws DiskException if marks are to stop at a cut, and one came; it is not written down then, unless the cut came just now
     */
    public synchronized void set(String text, Runnable record) throws DiskException {
        int before = drive.cache().powerCycle();
        refuseAfterCut(text, before);
        record.run();
        int after = drive.cache().powerCycle();
        refuseAfterCut(text, after);
        if (isPowered(before) && before == after) {
            marks.add(new Mark(text, before));
            if (marks.size() > LIMIT) {
                marks.remove();
            }
        }
    }

    private void refuseAfterCut(String text, int cycle) throws DiskException {
        if (stopAfter >= 0 && cycle > stopAfter) {
            throw new DiskException("mark \"" + text
                    + "\" is refused: the power of this disk was cut, and what the program"
                    + " has acknowledged since is not on it" + (isPowered(cycle) ? ", though the power is back" : ""));
        }
    }

    /** Refuses marks from the next power cut on, also when the power is back; until this is called again. */
    public synchronized void stopAtCut() {
        int now = drive.cache().powerCycle();
        stopAfter = isPowered(now) ? now : now + 1;
    }

    /**
     * Returns the marks that were set before the latest power cut, the oldest first.
     *
     * @throws DiskException if there was none
     */
    public synchronized List<String> atCut() throws DiskException {
        int now = drive.cache().powerCycle();
        int cut = isPowered(now) ? now - 1 : now;
        if (cut <= first) {
            throw new DiskException(
                    "the power of this disk has not been cut; cut it before asking for the marks at the cut");
        }
        return marks.stream().filter(mark -> mark.cycle < cut).map(Mark::text).toList();
    }

    /** Forgets marks and cuts: the disk begins anew. */
    public synchronized void clear() {
        marks.clear();
        first = drive.cache().powerCycle();
        stopAfter = -1;
    }

    private static boolean isPowered(int cycle) {
        return (cycle & 1) == 0;
    }
}
