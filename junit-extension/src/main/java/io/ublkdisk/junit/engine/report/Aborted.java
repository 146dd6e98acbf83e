package io.ublkdisk.junit.engine.report;

import org.opentest4j.TestAbortedException;

/** Tests that end because an assumption did not hold: they have not failed, and have proved nothing. */
public final class Aborted {
    /** JUnit 4's, which Jupiter takes for the same; its library need not be there. */
    private static final String JUNIT4 = "org.junit.internal.AssumptionViolatedException";

    private Aborted() {}

    /** Returns whether a test that ended with this was aborted, as Jupiter sees it. */
    public static boolean is(Throwable ending) {
        for (Class<?> type = ending.getClass(); type != null; type = type.getSuperclass()) {
            if (type == TestAbortedException.class || type.getName().equals(JUNIT4)) {
                return true;
            }
        }
        return false;
    }
}
