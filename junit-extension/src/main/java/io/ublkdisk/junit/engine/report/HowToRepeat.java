package io.ublkdisk.junit.engine.report;

import io.ublkdisk.junit.engine.disk.DiskHandle;
import java.nio.file.Path;

/** Is suppressed in the failure of a test, so that wherever that is printed, it is printed how to repeat it. */
public final class HowToRepeat extends Exception {
    public HowToRepeat(DiskHandle disk, Path bundle) {
        super(line(disk, bundle), null, false, false);
    }

    private HowToRepeat(String line) {
        super(line, null, false, false);
    }

    /** Returns that of a crash state, as the crash left it. */
    static HowToRepeat ofCrashState(String state, Path bundle) {
        return new HowToRepeat("@ReplayFrom(\"" + bundle + "\") is the disk as crash state " + state
                + " left it, before any check; mounting it recovers it again");
    }

    /** Returns the line of a report that says how to repeat the test. */
    public static String line(DiskHandle disk, Path bundle) {
        return "@ReplayFrom(\"" + bundle + "\") is " + disk + " as this test left it, with its script and seed "
                + disk.remote().seed() + "; with at = START, as it got it";
    }
}
