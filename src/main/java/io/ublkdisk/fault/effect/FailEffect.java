package io.ublkdisk.fault.effect;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.RuleCounters;
import io.ublkdisk.fault.Syntax;
import io.ublkdisk.fault.ValueReader;
import java.util.List;

/**
 * The request ends with an error: {@code fail MEDIUM}. With {@code fail IO after 3 sectors} the first three sectors of a
 * write reach the media all the same, as on a drive that breaks off in the middle. The program gets the error either way. A
 * request that is not longer than that arrives whole, and fails.
 */
public record FailEffect(BlockStatus status, int afterSectors) implements LinkEffect {
    /** How it is written in the fault language. */
    public static final Syntax<FailEffect> SYNTAX = new Syntax<>(
            "fail",
            "STATUS [ \"after\" NUMBER \"sectors\" ]",
            "on read sectors 2048..2055 fail MEDIUM",
            List.of("error", "eio", "reject"),
            FailEffect::read);

    /** Ends the request with that status. */
    public static FailEffect fail(BlockStatus status) {
        return new FailEffect(status);
    }

    private static FailEffect read(ValueReader values) {
        BlockStatus status = values.status();
        if (!values.takes("after")) {
            return new FailEffect(status);
        }
        int sectors = values.smallNumber("a number of sectors");
        values.word("sectors", "sector");
        return new FailEffect(status, sectors);
    }

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
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "fail " + status + (afterSectors == 0 ? "" : " after " + afterSectors + " sectors");
    }

    @Override
    public boolean fails() {
        return true;
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
