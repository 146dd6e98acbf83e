package io.ublkdisk.journal;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import java.util.Arrays;
import java.util.Optional;

/**
 * One thing that happened to a disk.
 *
 * @param sequence its place in the journal, from 1
 * @param timeNanos when, in nanoseconds since the journal began; of a request, when it arrived
 * @param request the number of the request that it is about, by arrival, from 1; 0 if it is about none, or is not counted
 * @param operation null if it is about no request
 * @param flags as {@link io.ublkdisk.block.Request#flags}
 * @param sector the first, in units of 512 bytes
 * @param status how the request ended; of a fault, {@link BlockStatus#OK} unless it made the request fail
 * @param tookNanos from the arrival of the request to its end
 * @param epoch how many FLUSHes had arrived when the request ended: one that arrives later covers it
 * @param rule the name of the rule that did it, or, of a request, of the first that touched it; empty for none
 * @param text of a fault what was changed, of a mark its text, of anything else what happened
 */
public record Entry(
        long sequence,
        long timeNanos,
        Kind kind,
        long request,
        Operation operation,
        int flags,
        long sector,
        int sectorCount,
        BlockStatus status,
        long tookNanos,
        long epoch,
        String rule,
        String text) {

    /** What sort of thing. */
    public enum Kind {
        /** A request has ended. */
        REQUEST("request"),
        /** A rule has done what it is for. */
        FAULT("fault"),
        /** A program or command set a mark. */
        MARK("mark"),
        /** The power was cut, or came back. */
        POWER("power"),
        /** A command changed bytes at rest. */
        DAMAGE("damage"),
        /** Something about the journal itself, for instance that its file cannot be written any more. */
        JOURNAL("journal"),
        /** The disk has other contents: it was reset, or rewound. */
        CONTENTS("contents");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** Returns the word for it in a line of the journal. */
        public String word() {
            return word;
        }

        public static Optional<Kind> named(String word) {
            return Arrays.stream(values()).filter(k -> k.word.equals(word)).findFirst();
        }
    }
}
