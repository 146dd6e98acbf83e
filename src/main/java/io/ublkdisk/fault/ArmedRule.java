package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Seed;
import java.util.function.LongSupplier;

/** A rule in force: the rule, its key, its counters, and what it knows of single sectors. Asked by all queue threads. */
final class ArmedRule {
    private final Rule rule;
    private final RuleCounters tally;
    private final long key;
    private final LongSupplier clock;
    private final long armedNanos;

    private final Ranges sectors;
    private final Scatter scatter;
    private final Condition[] conditions;
    /** Operations of which some request can meet it, as bits by ordinal: asked of each rule whenever one is armed. */
    private final int operations;
    /** Operations of which any request is meant, as bits by ordinal. */
    private final int plainOperations;

    /** For each operation, the flags of which one makes a request meant. */
    private final int[] flags = new int[Operation.values().length];

    private final boolean keyedByAsk;
    /** Whether it has fired only when the request has been carried out, and a byte is another one. */
    private final boolean firesLater;
    /** How often each sector was asked; null if there is no listener. */
    private final SectorMap asks;
    /** 32 sectors a number, one bit each; null if rewriting changes nothing. */
    private final SectorMap rewritten;

    ArmedRule(Rule rule, long rootSeed, LongSupplier clock) {
        this.rule = rule;
        this.key = Seed.combine(rootSeed, rule.name());
        this.clock = clock;
        this.tally = new RuleCounters(clock);
        this.armedNanos = clock.getAsLong();
        Scope scope = rule.scope();
        this.sectors = scope.sectors().orElse(null);
        this.scatter = scope.scatter().orElse(null);
        this.conditions = scope.conditions().toArray(Condition[]::new);
        int possible = 0;
        for (Operation operation : Operation.values()) {
            possible |= rule.isAbout(operation) ? 1 << operation.ordinal() : 0;
        }
        this.operations = possible;
        int plain = 0;
        for (Kind kind : scope.kinds()) {
            for (Operation operation : kind.operations()) {
                if (kind.flag() == 0) {
                    plain |= 1 << operation.ordinal();
                }
                flags[operation.ordinal()] |= kind.flag();
            }
        }
        this.plainOperations = plain;
        this.keyedByAsk = rule.effect().differsEachTime();
        this.firesLater = rule.effect().changesBytes();
        this.asks = keyedByAsk || rule.trigger().probability() < 1 ? new SectorMap() : null;
        this.rewritten = rule.healsWhenRewritten() ? new SectorMap() : null;
    }

    Rule rule() {
        return rule;
    }

    RuleCounters tally() {
        return tally;
    }

    /** Returns whether a request with that operation can meet it, whatever else it has. */
    boolean canMean(Operation operation) {
        return (operations & 1 << operation.ordinal()) != 0;
    }

    /** Flags of which a request with that operation has one, if it meets the rule; 0 if it need not have any. */
    int flagsNeeded(Operation operation) {
        for (Condition condition : conditions) {
            if (condition instanceof Condition.Flagged flagged) {
                return flagged.kind().flag();
            }
        }
        return (plainOperations & 1 << operation.ordinal()) != 0 ? 0 : flags[operation.ordinal()];
    }

    /** Returns whether it has fired and is not over. */
    boolean isOn() {
        return tally.hasFired() && !isOver();
    }

    private boolean isOver() {
        long lasts = rule.lifetime().lastsNanos();
        return lasts != Lifetime.FOR_EVER && tally.isOver(lasts, clock.getAsLong());
    }

    boolean covers(long sector) {
        return (sectors == null || sectors.contains(sector))
                && (scatter == null || scatter.picks(key, sector))
                && (rewritten == null || (rewritten.get(sector >> 5) & 1 << sector) == 0);
    }

    /** Returns whether what {@link #consult} says is only known to be a firing when {@link #settle} has been called. */
    boolean firesLater() {
        return firesLater;
    }

    /**
     * Asks the rule about a request that touches its sectors and has an operation that it can mean.
     *
     * @return whether its effect is in the decision now
     */
    boolean consult(Request request, Decision into, RuleTable table) {
        int operation = request.operation().ordinal();
        if ((plainOperations & 1 << operation) == 0 && (request.flags() & flags[operation]) == 0) {
            return false;
        }
        if (isOver() || !rule.effect().actsOn(request)) {
            return false;
        }
        long sector = firstCovered(request.sector(), request.sectorCount());
        if (sector < 0) {
            return false;
        }
        for (Condition condition : conditions) {
            if (!condition.holds(request, table)) {
                return false;
            }
        }
        Trigger trigger = rule.trigger();
        if (trigger.after().isPresent() && !hasPassed(trigger.after().get(), request.lengthBytes())) {
            return false;
        }
        long ordinal = trigger.since().isEmpty() ? tally.match() : tally.matchSince(table.firings(trigger.since()));
        if (ordinal == 0 || !trigger.takes(ordinal)) {
            return false;
        }
        long askKey = asks == null ? key : Seed.combine(Seed.combine(key, sector), asks.increment(sector));
        if (trigger.probability() < 1 && Seed.unit(askKey) >= trigger.probability()) {
            return false;
        }
        long effectKey = keyedByAsk ? Seed.mix(askKey) : key;
        if (!firesLater) {
            return tally.fire(trigger.times()) && fire(request, into, effectKey);
        }
        if (!tally.reserve(trigger.times())) {
            return false;
        }
        if (!rule.effect().apply(into, request, effectKey, tally)) {
            tally.settle(false);
            return false;
        }
        into.add(this, effectKey);
        return true;
    }

    /** Tells that the request that the rule was consulted for has ended. */
    void settle(boolean hasFired) {
        if (hasFired) {
            begin();
        }
        tally.settle(hasFired);
    }

    /** Applies a latched rule to a request, and returns whether it did. */
    boolean meet(Request request, Decision into) {
        if (!tally.latched() || isOver() || !((LatchingEffect) rule.effect()).affects(request.operation())) {
            return false;
        }
        tally.fire(Trigger.UNLIMITED);
        return fire(request, into, key);
    }

    private boolean fire(Request request, Decision into, long effectKey) {
        if (!rule.effect().apply(into, request, effectKey, tally)) {
            tally.unfire();
            return false;
        }
        if (rule.effect() instanceof LatchingEffect) {
            tally.latch(true);
        }
        begin();
        into.add(this, effectKey);
        return true;
    }

    /** Begins its time, which runs from the first firing on. */
    private void begin() {
        if (rule.lifetime().lastsNanos() != Lifetime.FOR_EVER) {
            tally.markFirst(clock.getAsLong());
        }
    }

    /** Tells that these sectors have new bytes. */
    void rewrite(long first, int count) {
        long last = first + count - 1;
        for (long at = first; at <= last; ) {
            long wordEnd = at | 31;
            int bits = -1 << at;
            if (wordEnd > last) {
                bits &= -1 >>> (31 - (last & 31));
            }
            rewritten.set(at >> 5, bits);
            at = wordEnd + 1;
        }
    }

    private boolean hasPassed(Amount amount, long bytes) {
        return amount.unit() == Amount.Unit.NANOS
                ? clock.getAsLong() - armedNanos >= amount.value()
                : tally.seenBefore(bytes, amount.unit()) >= amount.value();
    }

    /** Returns the first sector of the request for which the rule is meant, 0 for a request without sectors; or -1. */
    private long firstCovered(long first, int count) {
        if (count == 0) {
            return sectors == null && scatter == null && rewritten == null ? 0 : -1;
        }
        long last = first + count - 1;
        long at = first;
        while (at <= last) {
            if (sectors != null) {
                at = sectors.firstWithin(at, last);
                if (at < 0) {
                    return -1;
                }
            }
            if (scatter != null && !scatter.picks(key, at)) {
                at = scatter.nextRun(at);
            } else if (rewritten != null && (rewritten.get(at >> 5) & 1 << at) != 0) {
                at++;
            } else {
                return at;
            }
        }
        return -1;
    }
}
