package io.ublkdisk.junit.engine.report;

import io.ublkdisk.junit.engine.disk.DiskHandle;

/** Is suppressed in the failure of a test, so that wherever that is printed, it is printed what the disk had to do with it. */
public final class DiskVerdict extends Exception {
    private final String verdict;

    private DiskVerdict(DiskHandle disk, String verdict) {
        super(disk + ": " + verdict, null, false, false);
        this.verdict = verdict;
    }

    /** Finds out what the disk had to do with a failure, and suppresses that in it. */
    public static DiskVerdict on(Throwable failure, DiskHandle disk) {
        DiskVerdict verdict =
                new DiskVerdict(disk, String.join("\n  ", disk.observations().verdict(disk.faults(), failure)));
        failure.addSuppressed(verdict);
        return verdict;
    }

    /** Returns a report that begins with it. */
    public String before(String report) {
        return "verdict: " + verdict + "\n" + report;
    }
}
