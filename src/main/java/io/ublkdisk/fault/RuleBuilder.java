package io.ublkdisk.fault;

import io.ublkdisk.block.Sectors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A rule in Java, with the words of the fault language in the order in which they are said; the effect ends it. Each clause
 * once, except conditions; a second one, or a value out of range, is an {@link IllegalArgumentException}. For one thread.
 */
public final class RuleBuilder {
    private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    private final List<Condition> conditions = new ArrayList<>();
    private final Set<String> given = new HashSet<>();
    private Ranges sectors;
    private Scatter scatter;
    private Amount after;
    private String since = "";
    private Ranges nth;
    private long every = 1;
    private String sequence = "";
    private double probability = 1;
    private long times = Trigger.UNLIMITED;
    private boolean negated;

    RuleBuilder(Kind... kinds) {
        this.kinds.addAll(List.of(kinds));
        scope();
    }

    /** Negates the next clause, which must be about the request and not about counting. */
    public RuleBuilder not() {
        if (negated) {
            throw new IllegalArgumentException("'not not' cancels out; remove both");
        }
        negated = true;
        return this;
    }

    /** Limits the rule to requests that touch a sector from first to last, both included, of 512 bytes each. */
    public RuleBuilder sectors(long first, long last) {
        return sectors(Ranges.of(first, last));
    }

    public RuleBuilder sectors(Ranges wanted) {
        once("sectors", true);
        sectors = negated ? wanted.complement() : wanted;
        negated = false;
        return possible();
    }

    /** Limits the rule to the sectors of these bytes; both numbers must be multiples of 512. */
    public RuleBuilder bytes(long offset, long length) {
        return sectors(sectorsOfBytes(Ranges.ofLength(offset, length)));
    }

    /**
     * Byte ranges as sectors.
     *
     * @throws IllegalArgumentException if one does not begin and end at the edge of a sector
     */
    public static Ranges sectorsOfBytes(Ranges bytes) {
        List<Ranges> parts = new ArrayList<>();
        for (int i = 0; i < bytes.count(); i++) {
            long first = bytes.first(i);
            long last = bytes.last(i);
            if (first % Sectors.BYTES != 0) {
                throw new IllegalArgumentException("byte " + first + " is not the first of a sector of " + Sectors.BYTES
                        + "; the nearest before it is " + first / Sectors.BYTES * Sectors.BYTES);
            }
            if (last != Ranges.OPEN && (last + 1) % Sectors.BYTES != 0) {
                throw new IllegalArgumentException("byte " + last + " is not the last of a sector of " + Sectors.BYTES
                        + "; the nearest after it is " + (last | (Sectors.BYTES - 1)));
            }
            parts.add(
                    last == Ranges.OPEN
                            ? Ranges.from(Sectors.ofBytes(first))
                            : Ranges.of(Sectors.ofBytes(first), Sectors.ofBytes(last)));
        }
        return Ranges.merged(parts);
    }

    /** Sets which share of the sectors the rule is about. The seed chooses them once and for all, in runs of so many. */
    public RuleBuilder scattered(double share, int runSectors) {
        once("scattered", false);
        scatter = new Scatter(share, runSectors);
        return possible();
    }

    public RuleBuilder metadata() {
        return condition(new Condition.Flagged(Kind.METADATA));
    }

    public RuleBuilder fua() {
        return condition(new Condition.Flagged(Kind.FUA));
    }

    /** Limits the rule to requests of that many bytes, both ends included. */
    public RuleBuilder size(long minBytes, long maxBytes) {
        return condition(new Condition.Sized(Ranges.of(minBytes, maxBytes)));
    }

    /** Limits the rule to writes whose data has that text in UTF-8 somewhere. */
    public RuleBuilder containing(String text) {
        return containing(text.getBytes(StandardCharsets.UTF_8));
    }

    public RuleBuilder containing(byte[] bytes) {
        return condition(Condition.Containing.bytes(bytes));
    }

    /** Limits the rule to the time in which another rule is on: has fired, and is not over. {@code while} in the language. */
    public RuleBuilder whileOn(String ruleName) {
        return condition(new Condition.While(ruleName));
    }

    public RuleBuilder condition(Condition condition) {
        Condition wanted = negated ? new Condition.Not(condition) : condition;
        negated = false;
        if (conditions.contains(wanted)) {
            throw new IllegalArgumentException(wanted.text() + " is given twice; leave one out");
        }
        conditions.add(wanted);
        return possible();
    }

    public RuleBuilder after(Amount amount) {
        once("after", false);
        after = amount;
        return possible();
    }

    /** Makes the rule begin that long after it has been armed. */
    public RuleBuilder after(Duration time) {
        return after(Amount.time(time));
    }

    public RuleBuilder afterRequests(long count) {
        return after(Amount.requests(count));
    }

    public RuleBuilder afterBytes(long bytes) {
        return after(Amount.bytes(bytes));
    }

    public RuleBuilder since(String ruleName) {
        once("since", false);
        since = Text.checkName(ruleName);
        return possible();
    }

    /** Meets requests by their number; the first request in scope is 1. */
    public RuleBuilder nth(long... ordinals) {
        List<Ranges> parts = new ArrayList<>();
        for (long ordinal : ordinals) {
            parts.add(Ranges.of(ordinal, ordinal));
        }
        return nth(Ranges.merged(parts));
    }

    public RuleBuilder nth(Ranges ordinals) {
        once("nth", false);
        nth = ordinals;
        return possible();
    }

    public RuleBuilder every(long interval) {
        once("every", false);
        every = interval;
        return possible();
    }

    public RuleBuilder sequence(String letters) {
        once("sequence", false);
        if (letters.isEmpty()) {
            throw new IllegalArgumentException("an empty sequence says nothing; leave it out");
        }
        sequence = letters;
        return possible();
    }

    /** Makes the rule fire with that probability, from 0 to 1. {@code with probability} in the language. */
    public RuleBuilder probability(double wanted) {
        once("probability", false);
        probability = wanted;
        return possible();
    }

    /** Makes the rule fire so often at most. */
    public RuleBuilder times(long most) {
        once("times", false);
        times = most;
        return possible();
    }

    /**
     * Ends the rule with an effect. Each has a method for it in its class: {@code effect(FailEffect.fail(MEDIUM))}.
     */
    public Rule effect(Effect effect) {
        if (negated) {
            throw new IllegalArgumentException(
                    "not stands before a clause about the request, and not before an effect");
        }
        return new Rule("", scope(), trigger(), effect, Lifetime.UNLIMITED);
    }

    /** Fails as soon as a clause cannot be together with those before it. */
    private RuleBuilder possible() {
        scope();
        trigger();
        return this;
    }

    private Scope scope() {
        return new Scope(kinds, Optional.ofNullable(sectors), Optional.ofNullable(scatter), conditions);
    }

    private Trigger trigger() {
        return new Trigger(
                Optional.ofNullable(after), since, Optional.ofNullable(nth), every, sequence, probability, times);
    }

    private void once(String clause, boolean canBeNegated) {
        if (negated && !canBeNegated) {
            throw new IllegalArgumentException("not " + clause + " has no meaning; not goes with what a request is");
        }
        if (!given.add(clause)) {
            throw new IllegalArgumentException(clause + " is given twice; leave one out");
        }
    }
}
