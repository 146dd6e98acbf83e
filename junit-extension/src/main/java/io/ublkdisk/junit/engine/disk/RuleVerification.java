package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.Clock;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.junit.Times;
import io.ublkdisk.junit.Verification;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Statements about a rule of a disk that a server has. */
final class RuleVerification implements Verification {
    /** How often a wait looks: a question costs the server some microseconds. */
    private static final long POLL_NANOS = 5_000_000;

    private final ServedFaults faults;
    private final String name;

    RuleVerification(ServedFaults faults, String name) {
        this.faults = faults;
        this.name = name;
    }

    @Override
    public void fired(Times times) {
        RuleReport now = faults.report(name);
        if (!times.includes(now.fired())) {
            throw new AssertionError(
                    "rule '" + name + "' should have fired " + times + ", but " + faults.describe(now));
        }
    }

    @Override
    public void neverFired() {
        RuleReport now = faults.report(name);
        if (now.fired() > 0) {
            throw new AssertionError("rule '" + name + "' should never have fired, but " + faults.describe(now));
        }
        faults.verifiedNeverFired(now);
    }

    @Override
    public void awaitFired(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("cannot wait " + limit);
        }
        long start = Clock.nanos();
        while (faults.report(name).fired() == 0) {
            if (Clock.nanos() - start > limit.toNanos()) {
                throw new AssertionError("rule '" + name + "' should have fired within " + limit.toMillis()
                        + " ms, but " + faults.describe(faults.report(name)));
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted while waiting for rule '" + name + "' to fire; so far it "
                        + faults.describe(faults.report(name)));
            }
            LockSupport.parkNanos(this, POLL_NANOS);
        }
    }
}
