package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Sectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One fault: which requests, which of them, what happens, how long. A value. What has happened to it is in its {@link
 * RuleCounters}, so it prints the same before and after it has fired. The fault language reads what it prints.
 *
 * <p>Made by {@link #on} with the words of the language, or by {@code Script.parseRule}:
 *
 * <pre>{@code
 * Rule.on(READ).sectors(8, 15).nth(3).effect(fail(MEDIUM)).named("bad")
 * rule bad: on read sectors 8..15 nth 3 fail MEDIUM
 * }</pre>
 *
 * @param name empty as long as it has none; it gets one when it is armed
 */
public record Rule(String name, Scope scope, Trigger trigger, Effect effect, Lifetime lifetime) {

    /** @throws IllegalArgumentException if its parts cannot be together */
    public Rule {
        if (!name.isEmpty()) {
            Text.checkName(name);
        }
        for (Kind kind : scope.kinds()) {
            if (kind.operations().stream().noneMatch(effect::actsOn)) {
                throw new IllegalArgumentException(
                        effect.word() + " is for " + wordsFor(effect) + ", and does nothing to a " + kind.word());
            }
        }
        if (lifetime.untilRewritten() && !scope.canMean(Operation.READ)) {
            throw new IllegalArgumentException(
                    "until rewritten is for faults that a read meets; say on read, or leave it out");
        }
        effect.checkFor(scope, lifetime);
        if (!name.isEmpty() && needed(scope, trigger).contains(name)) {
            throw new IllegalArgumentException(
                    "rule " + name + " waits for its own first firing, so it can never fire; name"
                            + " another rule behind " + (trigger.since().equals(name) ? "since" : "while"));
        }
    }

    /** Returns the names of the rules that must have fired before this one can. */
    public Set<String> needs() {
        return needed(scope, trigger);
    }

    private static Set<String> needed(Scope scope, Trigger trigger) {
        Set<String> names = new LinkedHashSet<>();
        if (!trigger.since().isEmpty()) {
            names.add(trigger.since());
        }
        for (Condition condition : scope.conditions()) {
            if (condition instanceof Condition.While other) {
                names.add(other.ruleName());
            }
        }
        return names;
    }

    /**
     * Finds rules that wait for each other's first firing.
     *
     * @param rules of which none has fired
     * @return one after the other, each needing the next, and the last the first; empty if there are none
     */
    public static List<String> waitingInACircle(Map<String, Rule> rules) {
        Set<String> harmless = new HashSet<>();
        for (String name : rules.keySet()) {
            List<String> circle = circle(name, rules, new ArrayList<>(), harmless);
            if (!circle.isEmpty()) {
                return circle;
            }
        }
        return List.of();
    }

    private static List<String> circle(String name, Map<String, Rule> rules, List<String> path, Set<String> harmless) {
        int at = path.indexOf(name);
        if (at >= 0) {
            return List.copyOf(path.subList(at, path.size()));
        }
        Rule rule = rules.get(name);
        if (rule == null || harmless.contains(name)) {
            return List.of();
        }
        path.add(name);
        for (String needed : rule.needs()) {
            List<String> circle = circle(needed, rules, path, harmless);
            if (!circle.isEmpty()) {
                return circle;
            }
        }
        path.remove(path.size() - 1);
        harmless.add(name);
        return List.of();
    }

    private static String wordsFor(Effect effect) {
        return Arrays.stream(Operation.values())
                .filter(effect::actsOn)
                .map(Operation::word)
                .collect(Collectors.joining(", "));
    }

    /** Returns whether it fails every request of its kinds and sectors, always. */
    public boolean failsAll() {
        return effect instanceof LinkEffect link && link.fails() && lifetime.equals(Lifetime.UNLIMITED) && hitsAll();
    }

    /** Returns whether this rule, if it is asked before, fails everything that the other is about. */
    public boolean leavesNothingFor(Rule later) {
        return failsAll()
                && scope.covers(later.scope())
                && later.effect().part().compareTo(effect.part()) >= 0;
    }

    /**
     * Returns whether the two would certainly hit the same sector of the same request and send it two ways: {@code lose} and
     * {@code tear}, for instance. Where only chance or counting can bring them together, what they do then is said in {@link
     * Decision#route}, and this is false.
     */
    public boolean contradicts(Rule other) {
        return saysWhere(effect)
                && saysWhere(other.effect)
                && !effect.equals(other.effect)
                && Arrays.stream(Operation.values()).anyMatch(o -> isAbout(o) && other.isAbout(o))
                && (hitsAll() && other.hitsAll() && scope.meets(other.scope)
                        || scope.equals(other.scope) && trigger.equals(other.trigger) && trigger.probability() == 1);
    }

    private static boolean saysWhere(Effect effect) {
        return effect instanceof RouteEffect || effect instanceof MediaEffect media && media.readsEarlierBytes();
    }

    /** Returns whether a request with that operation can meet it, whatever else it has. */
    boolean isAbout(Operation operation) {
        return scope.canMean(operation) && effect.actsOn(operation);
    }

    private boolean hitsAll() {
        return trigger.equals(Trigger.ALWAYS)
                && scope.conditions().isEmpty()
                && scope.scatter().isEmpty();
    }

    boolean healsWhenRewritten() {
        return lifetime.untilRewritten() || effect.healsWhenRewritten();
    }

    /** Begins a rule about requests of any of these kinds. */
    public static RuleBuilder on(Kind... kinds) {
        return new RuleBuilder(kinds);
    }

    /** Returns the same rule under that name. */
    public Rule named(String newName) {
        return new Rule(newName, scope, trigger, effect, lifetime);
    }

    /**
     * Returns the same rule, about those sectors alone.
     *
     * @throws IllegalArgumentException if it names sectors already, or is about a kind of request that has none
     */
    public Rule onSectors(Ranges sectors) {
        if (scope.sectors().isPresent()) {
            throw new IllegalArgumentException(
                    "\"" + this + "\" names sectors already; leave them out, or do not aim it at others");
        }
        Scope aimed = new Scope(scope.kinds(), Optional.of(sectors), scope.scatter(), scope.conditions());
        return new Rule(name, aimed, trigger, effect, lifetime);
    }

    /** Returns the same rule, but a sector that has been written since is hit no more: {@code until rewritten}. */
    public Rule untilRewritten() {
        return new Rule(name, scope, trigger, effect, new Lifetime(lifetime.lastsNanos(), true));
    }

    /** Returns the same rule, over that long after it first fires: {@code for 5s}. */
    public Rule lasting(Duration time) {
        return new Rule(name, scope, trigger, effect, new Lifetime(time.toNanos(), lifetime.untilRewritten()));
    }

    /**
     * Checks that a disk of that size has all sectors that the rule names. A range without an end ends with the disk.
     *
     * @throws IllegalArgumentException naming the rule, its sector, and the disk's last
     */
    public void checkAgainst(long sizeBytes) {
        scope.sectors().ifPresent(sectors -> {
            long end = Sectors.ofBytes(sizeBytes);
            for (int i = 0; i < sectors.count(); i++) {
                boolean open = sectors.last(i) == Ranges.OPEN;
                if (sectors.first(i) >= end || !open && sectors.last(i) >= end) {
                    throw new IllegalArgumentException(
                            (name.isEmpty() ? "\"" + text() + "\"" : "rule " + name) + ": sector "
                                    + (sectors.first(i) >= end ? sectors.first(i) : sectors.last(i))
                                    + " is past the end of the disk, whose last sector is " + (end - 1) + " ("
                                    + Text.size(sizeBytes)
                                    + "); name sectors that it has, or make it larger");
                }
            }
        });
    }

    /** Returns the rule without its name, as the fault language writes it. */
    public String text() {
        return scope + trigger.toString() + " " + effect.text() + lifetime;
    }

    /** Returns the rule as the fault language writes it. */
    @Override
    public String toString() {
        return (name.isEmpty() ? "" : "rule " + name + ": ") + text();
    }
}
