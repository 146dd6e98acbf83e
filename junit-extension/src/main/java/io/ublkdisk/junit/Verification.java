package io.ublkdisk.junit;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * A statement about one rule, which holds or throws an {@link AssertionError} that has the rule's text, how many requests
 * were in its scope, and how many it changed.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public interface Verification {
    /** It has fired at least once. */
    default void fired() {
        fired(Times.atLeast(1));
    }

    /** It has fired that often, for instance {@code times(3)}. */
    void fired(Times times);

    /** It has not fired, and need not: the test may end so. */
    void neverFired();

    /**
     * It fires at least once before that much time has passed; returns as soon as it has.
     *
     * @throws IllegalArgumentException if the time is negative
     */
    void awaitFired(Duration limit);
}
