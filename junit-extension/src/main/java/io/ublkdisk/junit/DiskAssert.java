package io.ublkdisk.junit;

import io.ublkdisk.protocol.DiskStats;
import org.apiguardian.api.API;
import org.assertj.core.api.AbstractAssert;

/** What can be said of a {@link Disk} in AssertJ's way. */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public final class DiskAssert extends AbstractAssert<DiskAssert, Disk> {
    DiskAssert(Disk disk) {
        super(disk, DiskAssert.class);
    }

    /** Asserts that a rule has fired, see {@link Verification#fired()}. */
    public DiskAssert hasFired(String rule) {
        isNotNull();
        actual.faults().verify(rule).fired();
        return this;
    }

    /** Asserts how often a rule has fired, see {@link Verification#fired(Times)}. */
    public DiskAssert hasFired(String rule, Times times) {
        isNotNull();
        actual.faults().verify(rule).fired(times);
        return this;
    }

    /** Asserts that a rule has not fired, see {@link Verification#neverFired()}. */
    public DiskAssert hasNeverFired(String rule) {
        isNotNull();
        actual.faults().verify(rule).neverFired();
        return this;
    }

    /** Asserts that no rule has changed any request. */
    public DiskAssert hasInjectedNothing() {
        isNotNull();
        DiskStats stats = actual.stats();
        if (stats.faultsInjected() != 0) {
            throw failure(
                    "Expected %s to have injected no fault, but it injected %d: %s",
                    actual, stats.faultsInjected(), actual.faults().fired());
        }
        return this;
    }

    /** Asserts that the filesystem is mounted now. */
    public DiskAssert isMounted() {
        isNotNull();
        if (!actual.isMounted()) {
            throw failure("Expected %s to be mounted, and it is not", actual);
        }
        return this;
    }

    /** Asserts that no filesystem of the disk is mounted now. */
    public DiskAssert isNotMounted() {
        isNotNull();
        if (actual.isMounted()) {
            throw failure("Expected %s not to be mounted, and it is", actual);
        }
        return this;
    }

    /** Asserts that a power cut now would lose nothing. */
    public DiskAssert hasNothingUnflushed() {
        isNotNull();
        Unflushed unflushed = actual.unflushed();
        if (!unflushed.isEmpty()) {
            throw failure("Expected %s to have nothing unflushed, but a power cut would lose %s", actual, unflushed);
        }
        return this;
    }
}
