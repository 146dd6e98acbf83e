package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.RuleCounters;
import io.ublkdisk.fault.Syntax;
import java.util.List;

/** Nothing happens, but the rule has fired: for counting, and for other rules that say {@code while} or {@code since}. */
public record NoteEffect() implements LinkEffect {
    /** How it is written in the fault language. */
    public static final Syntax<NoteEffect> SYNTAX =
            Syntax.of("note", "rule big: on write size 64KiB.. note", List.of("count", "log"), new NoteEffect());

    /** Fires, and does nothing else. */
    public static NoteEffect note() {
        return new NoteEffect();
    }

    @Override
    public String word() {
        return SYNTAX.word();
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
