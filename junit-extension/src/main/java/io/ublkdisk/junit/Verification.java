package io.ublkdisk.junit;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * A statement about one rule, which holds or throws an {@link AssertionError} that has the rule's text, how many requests
 * were in its scope, and how many it changed.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public interface Verification {
    /** Asserts that it has fired at least once. */
    default void fired() {
        fired(Times.atLeast(1));
    }

    /** Asserts that it has fired that often, for instance {@code times(3)}. */
    void fired(Times times);

    /** Asserts that it has not fired; the test may end without its having fired. */
    void neverFired();

    /**
     * Waits until it has fired at least once, and asserts that it has within that time.
     *
     * @throws IllegalArgumentException if the time is negative
     */
    void awaitFired(Duration limit);
}
