package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The armed rules as the data path asks them. Immutable; the counters are apart, in the rules. A request passes the rules as
 * it passes the drive: those of the link, of the cache, of the media, each in the order of the script. A rule that fails it
 * ends its way, and the rules behind neither count it nor fire, for it never comes to them. Each rule is asked once, however
 * many of its ranges the request touches.
 */
public final class RuleTable implements Condition.States {
    private final ArmedRule[] rules;
    /** By operation, of the rules that a request may meet whatever its flags; null for none. */
    private final SectorLookup[] lookups;
    /** By operation, of the rules that are only about requests with some flag; null for none. */
    private final SectorLookup[] flaggedLookups;

    /** By operation, the flags of which a request must have one to meet any of those. */
    private final int[] flags;
    /** Rules whose sectors heal when they are written; null for none. */
    private final SectorLookup healing;

    private final ArmedRule[] latching;
    private final Map<String, ArmedRule> byName;
    private final FaultListener listener;

    /** @param armed in the order of the script */
    RuleTable(List<ArmedRule> armed, FaultListener listener) {
        List<ArmedRule> ordered = new ArrayList<>();
        Map<String, ArmedRule> named = new HashMap<>();
        for (Part part : Part.values()) {
            armed.stream().filter(a -> a.rule().effect().part() == part).forEach(ordered::add);
        }
        armed.forEach(a -> named.put(a.rule().name(), a));
        this.rules = ordered.toArray(ArmedRule[]::new);
        this.byName = named;
        this.listener = listener;
        this.latching = ordered.stream()
                .filter(a -> a.rule().effect() instanceof LatchingEffect)
                .toArray(ArmedRule[]::new);
        this.lookups = new SectorLookup[Operation.values().length];
        this.flaggedLookups = new SectorLookup[lookups.length];
        this.flags = new int[lookups.length];
        for (Operation operation : Operation.values()) {
            int i = operation.ordinal();
            lookups[i] = lookup(ordered, a -> a.canMean(operation) && a.flagsNeeded(operation) == 0);
            flaggedLookups[i] = lookup(ordered, a -> a.canMean(operation) && a.flagsNeeded(operation) != 0);
            for (ArmedRule rule : ordered) {
                flags[i] |= rule.canMean(operation) ? rule.flagsNeeded(operation) : 0;
            }
        }
        this.healing = lookup(ordered, a -> a.rule().healsWhenRewritten());
    }

    private static SectorLookup lookup(List<ArmedRule> rules, Predicate<ArmedRule> wanted) {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            if (wanted.test(rules.get(i))) {
                indexes.add(i);
            }
        }
        return indexes.isEmpty() ? null : new SectorLookup(rules, indexes);
    }

    /**
     * Asks all rules about a request that has just arrived. Callable by all queue threads; allocates nothing, except that
     * {@code into} and what rules know of single sectors grow when needed.
     *
     * @param into cleared first
     * @return whether a rule has something to say about it
     */
    public boolean decide(Request request, Decision into) {
        into.clear(this);
        into.sizeFor(rules.length);
        for (ArmedRule rule : latching) {
            if (rule.meet(request, into)) {
                listener.fired(rule.rule(), request);
                return true;
            }
        }
        int operation = request.operation().ordinal();
        SectorLookup lookup = lookups[operation];
        if (lookup != null) {
            lookup.find(request.sector(), request.sectorCount(), into);
        }
        if ((request.flags() & flags[operation]) != 0) {
            flaggedLookups[operation].find(request.sector(), request.sectorCount(), into);
        }
        if (into.hasCandidates()) {
            for (int i = into.nextCandidate(); i >= 0; i = into.nextCandidate()) {
                if (!into.failed() && rules[i].consult(request, into, this) && !rules[i].firesLater()) {
                    listener.fired(rules[i].rule(), request);
                }
            }
        }
        if (healing != null && !into.failed()) {
            heal(request, into);
        }
        return into.count() > 0;
    }

    /** Ends the request: the rule did something to it, or did not. */
    void settle(ArmedRule rule, Request request, boolean hasFired) {
        rule.settle(hasFired);
        if (hasFired) {
            listener.fired(rule.rule(), request);
        }
    }

    private void heal(Request request, Decision into) {
        if (request.operation() == Operation.WRITE || request.operation() == Operation.WRITE_ZEROES) {
            healing.find(request.sector(), request.sectorCount(), into);
            for (int i = into.nextCandidate(); i >= 0; i = into.nextCandidate()) {
                rules[i].rewrite(request.sector(), request.sectorCount());
            }
        }
    }

    @Override
    public boolean isOn(String ruleName) {
        ArmedRule rule = byName.get(ruleName);
        return rule != null && rule.isOn();
    }

    long firings(String ruleName) {
        ArmedRule rule = byName.get(ruleName);
        return rule == null ? 0 : rule.tally().fired();
    }
}
