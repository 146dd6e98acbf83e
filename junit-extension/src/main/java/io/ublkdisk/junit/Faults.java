package io.ublkdisk.junit;

import io.ublkdisk.control.RuleReport;
import io.ublkdisk.fault.Rule;
import java.util.List;

/**
 * The rules of one disk. When a method returns, its change is in force for every request that arrives later. Rules that
 * were armed and never fired fail the test, removed ones too, but for those that {@link #lenient} or
 * {@link Verification#neverFired()} excuses.
 *
 * <p>All methods throw {@link java.io.UncheckedIOException} when the disk server has died.
 */
public interface Faults {
    /**
     * Arms a rule.
     *
     * @param rule one rule in the fault language, for instance {@code "on read sectors 2048..2055 fail MEDIUM"}, with or
     *     without {@code "rule NAME:"} before it
     * @return its name
     * @throws IllegalArgumentException if it is no rule; the message has line, column and what was expected
     */
    String add(String rule);

    /**
     * Arms a rule that was built in Java; returns its name.
     *
     * @throws IllegalArgumentException if the disk has not the sectors that it names
     */
    String add(Rule rule);

    /**
     * Disarms a rule.
     *
     * @throws IllegalArgumentException if there is none of that name; the message has those that there are
     */
    void remove(String name);

    /** Disarms all rules. The disk is healthy from now on. */
    void clear();

    /** Excuses a rule, so that the test may end without its having fired. */
    void lenient(String name);

    /**
     * Begins a statement about how often a rule has fired, also one that was removed.
     *
     * @throws IllegalArgumentException if there never was one of that name; the message has those that there were
     */
    Verification verify(String name);

    /** Every rule that is armed, and what it has done so far. */
    List<RuleReport> rules();
}
