package io.ublkdisk.junit.engine.report;

import java.nio.file.Path;

/**
 * The lines that the extension writes to standard output, and no others: build tools keep that of each test, and drop what tests
 * publish in other ways.
 */
public final class StandardOutput {
    private StandardOutput() {}

    /** Names a file that belongs to the running test, as CI servers read it (the attachments of JUnit in Jenkins, for one). */
    public static void attachment(Path file) {
        print("[[ATTACHMENT|" + file.toAbsolutePath() + "]]");
    }

    /** Says what a disk had to do with the failure of the running test, for builds that leave suppressed exceptions out. */
    public static void verdict(DiskVerdict verdict) {
        print("ublkdisk: " + verdict.getMessage());
    }

    /** Warns that the running test may prove less than it seems to. */
    public static void warning(String text) {
        print("ublkdisk: warning: " + text);
    }

    private static synchronized void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
