package io.ublkdisk.junit;

import io.ublkdisk.control.RuleReport;
import io.ublkdisk.fault.Rule;
import java.io.IOException;
import java.util.List;

/**
 * The rules of one disk. When a method returns, its change is in force for every request that arrives later. Rules that
 * were armed and never fired fail the test, removed ones too, but for those that {@link #lenient} or
 * {@link Verification#neverFired()} excuses. So does a line of a script with a moment, such as {@code at mark "loaded" …},
 * whose moment never came or which could not be done; the name of the rule that it would have armed excuses it.
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
     * Aims at a part of a file of this disk: {@code faults().on(file(wal).bytes(8192, 12287)).add("on read fail MEDIUM")}.
     * What of it is still to be written is written first. On ext4 and XFS; other filesystems do not say where on the device
     * their files lie.
     *
     * <p>What the page cache has is not asked of the disk: {@link Disk#evict()} before a read. Reads ahead may touch the
     * sectors before the test does.
     *
     * @throws IllegalArgumentException if the file is not on this disk, its filesystem cannot say, or a byte has no sector of
     *     its own: in a hole, allocated but not written, inline, compressed
     * @throws IOException if the file cannot be asked about
     */
    Aim on(FilePart part) throws IOException;

    /**
     * Arms the rules of a script and begins its timeline, beside what is armed already; all of it or nothing.
     *
     * @param source text of the fault language, or {@code "classpath:NAME"} or {@code "file:PATH"} of a script. A
     *     {@code seed} line in it is passed over: the disk has its seed already
     * @return the names of the rules that are armed now; others wait for their moment
     * @throws IllegalArgumentException if it cannot be found, is no script, or this disk refuses a rule of it
     */
    List<String> script(String source);

    /**
     * Disarms a rule.
     *
     * @throws IllegalArgumentException if there is none of that name; the message has those that there are
     */
    void remove(String name);

    /** Disarms all rules. The disk is healthy from now on. */
    void clear();

    /** Excuses a rule, so that the test may end without its having fired, or without its having been armed by its step. */
    void lenient(String name);

    /**
     * Begins a statement about how often a rule has fired, also one that was removed, or one that waits for its moment.
     *
     * @throws IllegalArgumentException if there never was one of that name; the message has those that there were
     */
    Verification verify(String name);

    /** Every rule that is armed, and what it has done so far. */
    List<RuleReport> rules();
}
