package io.ublkdisk.fault.effect;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.RuleCounters;

/**
 * The request ends with an error: {@code fail MEDIUM}. With {@code fail IO after 3 sectors} the first three of a write reach
 * the media all the same, as on a drive that breaks off in the middle; the program is told of the error either way. A request
 * that is not longer than that arrives whole, and fails.
 */
public record FailEffect(BlockStatus status, int afterSectors) implements LinkEffect {

    public FailEffect {
        if (status == BlockStatus.OK) {
            throw new IllegalArgumentException("fail OK is no failure; leave the rule out, or name another status");
        }
        if (afterSectors < 0) {
            throw new IllegalArgumentException("fail after " + afterSectors + " sectors: the number must be 0 or more");
        }
    }

    public FailEffect(BlockStatus status) {
        this(status, 0);
    }

    @Override
    public String word() {
        return "fail";
    }

    @Override
    public String text() {
        return "fail " + status + (afterSectors == 0 ? "" : " after " + afterSectors + " sectors");
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        decision.fail(status, afterSectors);
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
