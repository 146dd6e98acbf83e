package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;

/**
 * What happens to a request that a rule hits. An effect is a value: settings only, equal by them, shared by threads;
 * whatever it counts is in the rule's {@link RuleCounters}. Its text begins with its word and is what the fault language reads.
 */
public sealed interface Effect permits LinkEffect, CacheEffect, MediaEffect {

    /** Returns the one word by which it goes from the script to the class, the test and the page of documentation. */
    String word();

    /** Returns the word and the settings; reads back as an equal effect. */
    String text();

    /** Returns the part of the drive in which it happens. */
    Part part();

    /** Returns whether it can do anything to such a request. {@code on any} means all on which the effect acts. */
    default boolean actsOn(Operation operation) {
        return true;
    }

    /**
     * Returns whether it can do anything to this very one; one that it cannot is not counted. Called after the operation was
     * asked.
     */
    default boolean actsOn(Request request) {
        return true;
    }

    /** Returns whether a sector is hit no more once it has been written, without {@code until rewritten} being said. */
    default boolean healsWhenRewritten() {
        return false;
    }

    /**
     * Writes into the decision what becomes of the request. On a queue thread, several at a time; allocates nothing. What the
     * cache and the media do to the data, they do later, by the {@link Decision}.
     *
     * @param key for whatever is random about it
     * @param tally the counters of the rule
     * @return whether it did anything; if not, the rule has not fired
     */
    default boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        return true;
    }

    /**
     * Returns whether it changes bytes, or where they go. Such a rule has fired when the request has been carried out and a
     * byte is different because of the rule. A rule that changes nothing has not fired.
     */
    default boolean changesBytes() {
        return false;
    }

    /** Returns whether it is different each time that the same sector is asked; else it is the same for ever. */
    default boolean differsEachTime() {
        return false;
    }

    /**
     * Checks that this can be the effect of a rule with that scope and lifetime, beyond {@link #actsOn}.
     *
     * @throws IllegalArgumentException if not, with the reason and the remedy
     */
    default void checkFor(Scope scope, Lifetime lifetime) {}
}
