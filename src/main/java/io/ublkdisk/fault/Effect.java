package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;

/**
 * What happens to a request that a rule hits. An effect is a value: settings only, equal by them, shared by threads;
 * whatever it counts is in the rule's {@link Tally}. Its text begins with its word and is what the fault language reads.
 */
public sealed interface Effect permits LinkEffect, CacheEffect, MediaEffect {

    /** The one word by which it goes from the script to the class, the test and the page of documentation. */
    String word();

    /** The word and the settings; reads back as an equal effect. */
    String text();

    /** The part of the drive in which it happens. */
    Part part();

    /** Whether it can do anything to such a request. {@code on any} means all on which the effect acts. */
    default boolean actsOn(Operation operation) {
        return true;
    }

    /** Whether it is different each time that the same sector is asked; else it is the same for ever. */
    default boolean differsEachTime() {
        return false;
    }

    /**
     * Whether it can be the effect of that rule, beyond {@link #actsOn}.
     *
     * @throws IllegalArgumentException if not, with the reason and the remedy
     */
    default void checkFor(Scope scope, Lifetime lifetime) {}
}
