package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.RuleCounters;

/** Nothing happens, but the rule has fired: for counting, and for other rules that say {@code while} or {@code since}. */
public record NoteEffect() implements LinkEffect {

    @Override
    public String word() {
        return "note";
    }

    @Override
    public String text() {
        return "note";
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
