package io.ublkdisk.bench;

import java.nio.file.Path;

/** A disk to be measured. */
interface Target {
    /** The word that chooses it, and stands in the results. */
    String name();

    /** Whether the JIT has to settle first. */
    default boolean isOurs() {
        return false;
    }

    /** What it takes when all of it has been written. */
    default int memoryMib(int sizeMib) {
        return sizeMib;
    }

    /** What it lacks on this machine; empty if nothing. Changes nothing. */
    default String missing() throws Exception {
        return "";
    }

    /** Makes it. Whatever it has begun, {@link #close} ends. */
    Path open(int queues, int sizeMib) throws Exception;

    void close() throws Exception;
}
