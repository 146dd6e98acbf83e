package io.ublkdisk.junit;

import io.ublkdisk.control.FaultEvent;
import io.ublkdisk.control.JournalFollower;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleReport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apiguardian.api.API;

/**
 * The rules of one disk. When a method returns, its change is in force for every request that arrives later. Rules that
 * were armed and never fired fail the test, removed ones too, except for rules that {@link #lenient} or
 * {@link Verification#neverFired()} excuses. So does a line of a script with a moment, such as {@code at mark "loaded" …},
 * whose moment never came or which could not be done; the name of the rule that it would have armed excuses it.
 *
 * <p>All methods throw {@link java.io.UncheckedIOException} when the disk server has died.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
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
     * Damages bytes at rest: bit rot that has happened. No rule and no request; it stays until the sector is written. What the
     * kernel has in memory stays as it is: {@link Disk#evict()} before a read.
     *
     * @param with {@code flip}, one bit of each sector in the range, {@code zero}, or {@code garbage}
     * @return which bytes changed, in words
     * @throws IllegalArgumentException if the disk has not these bytes, or that is no damage
     */
    String damage(long offsetBytes, long lengthBytes, String with);

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
     * Puts a rule in the place of the armed one of the same name, in one step: there is no request for which neither is in
     * force. What the old one held goes on. That it fired is not forgotten, and counts begin anew.
     *
     * @param rule with its name: {@code "rule slow: on read delay 5ms"}
     * @throws IllegalArgumentException if it is no rule, has no name, none of that name is armed, or this disk refuses it; the
     *     old one stays
     */
    void replace(String rule);

    /** Replaces by a rule that was built in Java and {@linkplain Rule#named named}. */
    void replace(Rule rule);

    /**
     * Lets go what a rule holds, and ends what it has latched, as {@code disconnect} does; it stays armed.
     *
     * @return how many requests it held
     * @throws IllegalArgumentException if there is none of that name
     */
    int release(String name);

    /** Returns the same with all rules. */
    int release();

    /**
     * Returns what a rule holds, to look at and to decide about.
     *
     * @throws IllegalArgumentException if none of that name is armed
     */
    Breakpoint held(String name);

    /**
     * Waits until a rule holds a request.
     *
     * @param limit up to ten minutes
     * @throws AssertionError if it holds none by then; the message has what it did instead
     */
    Breakpoint awaitHeld(String name, Duration limit);

    /**
     * Disarms a rule.
     *
     * @throws IllegalArgumentException if there is none of that name; the message lists the existing ones
     */
    void remove(String name);

    /** Disarms all rules. The disk is healthy from now on. */
    void clear();

    /** Excuses a rule, so that the test may end without its having fired, or without its having been armed by its step. */
    void lenient(String name);

    /**
     * Begins a statement about how often a rule has fired, also one that was removed, or one that waits for its moment.
     *
     * @throws IllegalArgumentException if there never was one of that name; the message lists the earlier ones
     */
    Verification verify(String name);

    /**
     * Returns every fault that was injected, the oldest first: rule, request, sectors, what was changed, with which status it
     * failed. An error that a program met is ours if its request is here, and genuine if this is empty. Of more than about
     * 4,000 the first are forgotten.
     */
    List<FaultEvent> fired();

    /**
     * Tells of every fault that befalls a request which arrives after this returns, in order, on a thread of its own. Nothing
     * waits for the listener. The end of the disk ends it.
     *
     * @param listener what it throws ends it
     * @return ends it when closed
     */
    JournalFollower onFault(Consumer<FaultEvent> listener);

    /** Returns every rule that is armed, and what it has done so far. */
    List<RuleReport> rules();
}
