package io.ublkdisk.fault;

import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The rules that are armed on a disk, by name, in order. All methods may be called by any thread while requests run; when one
 * returns, what it did is in force for every request that arrives after it. Counters go on when other rules come and go.
 */
public final class Rules {
    /** For threads that wait: a firing may come between the look and the wait, and a rule may go. */
    private static final long LOOK_AGAIN_MILLIS = 5;

    private final long seed;
    private final LongSupplier clock;
    private final Map<String, ArmedRule> armed = new LinkedHashMap<>();
    private Function<Effect, Optional<String>> refusal = effect -> Optional.empty();
    private Consumer<Set<Effect>> owner = effects -> {};
    private long sizeBytes = Long.MAX_VALUE;
    private volatile FaultListener listener = (rule, request) -> {};
    /** How many wait for a firing, who are told by it too. */
    private final AtomicInteger waiting = new AtomicInteger();

    private volatile RuleTable table;

    /** @param seed the root of all that is random in the rules */
    public Rules(long seed) {
        this(seed, Clock::nanos);
    }

    /** @param clock nanoseconds, for rules that speak of time */
    public Rules(long seed, LongSupplier clock) {
        this.seed = seed;
        this.clock = clock;
    }

    public long seed() {
        return seed;
    }

    /** Returns what the data path asks; null when no rule is armed. One volatile read. */
    public RuleTable table() {
        return table;
    }

    /**
     * Arms a rule.
     *
     * @return its name: its own, or {@code rule-1}, {@code rule-2}…, the first that is free
     * @throws IllegalArgumentException if a rule of that name is armed
     */
    public String add(Rule rule) {
        return addAll(List.of(rule)).get(0);
    }

    /** Arms several at once: all of them, or none if one cannot be. */
    public synchronized List<String> addAll(List<Rule> rules) {
        Map<String, ArmedRule> added = new LinkedHashMap<>();
        for (Rule rule : rules) {
            String name = rule.name().isEmpty() ? freeName(added) : rule.name();
            if (armed.containsKey(name) || added.containsKey(name)) {
                throw new IllegalArgumentException(
                        "a rule named " + name + " is armed already; clear it first, or choose another name");
            }
            check(rule, added);
            added.put(name, new ArmedRule(rule.named(name), seed, clock));
        }
        checkCircles(added);
        armed.putAll(added);
        compile();
        return List.copyOf(added.keySet());
    }

    /** Puts a rule in the place of the one of the same name, with counters at nothing; arms it if there is none. */
    public synchronized void replace(Rule rule) {
        if (rule.name().isEmpty()) {
            throw new IllegalArgumentException("a rule without a name replaces none; name it");
        }
        check(rule, Map.of());
        armed.put(rule.name(), new ArmedRule(rule, seed, clock));
        compile();
    }

    /** Returns whether that very rule is armed, and not another in its place. */
    public synchronized boolean has(Rule rule) {
        ArmedRule now = armed.get(rule.name());
        return now != null && now.rule() == rule;
    }

    /** @return whether there was one */
    public synchronized boolean remove(String name) {
        boolean removed = armed.remove(name) != null;
        compile();
        return removed;
    }

    public synchronized void clear() {
        armed.clear();
        compile();
    }

    /** Ends what a rule has latched, such as {@code disconnect}; the rule stays armed. */
    public synchronized boolean release(String name) {
        ArmedRule rule = armed.get(name);
        if (rule == null || !rule.tally().latched()) {
            return false;
        }
        rule.tally().latch(false);
        return true;
    }

    /** Returns all armed rules, in order. */
    public synchronized List<RuleReport> reports() {
        return armed.values().stream().map(Rules::report).toList();
    }

    public synchronized Optional<RuleReport> report(String name) {
        return Optional.ofNullable(armed.get(name)).map(Rules::report);
    }

    /** Tells this listener of each fault from now on; null for no listener. */
    public synchronized void onFired(FaultListener wanted) {
        listener = wanted == null ? (rule, request) -> {} : wanted;
    }

    private static RuleReport report(ArmedRule armed) {
        RuleCounters tally = armed.tally();
        return new RuleReport(
                armed.rule().name(),
                tally.matched(),
                tally.fired(),
                armed.rule().toString());
    }

    /**
     * Serves the drive that these rules are for.
     *
     * @param refuses why it has not that effect; empty if it has. Rules with one that it has not are refused from now on
     * @param armedNow is told which effects are armed, before a change is in force and under the lock of the rules
     */
    public synchronized void serve(
            long bytes, Function<Effect, Optional<String>> refuses, Consumer<Set<Effect>> armedNow) {
        sizeBytes = bytes;
        refusal = refuses;
        owner = armedNow;
    }

    private void check(Rule rule, Map<String, ArmedRule> added) {
        rule.checkAgainst(sizeBytes);
        refusal.apply(rule.effect()).ifPresent(reason -> {
            throw new IllegalArgumentException(
                    "this disk cannot do " + rule.effect().word() + ", which \"" + rule + "\" asks for: " + reason);
        });
        for (Map<String, ArmedRule> some : List.of(armed, added)) {
            for (ArmedRule other : some.values()) {
                if (!other.rule().name().equals(rule.name()) && rule.contradicts(other.rule())) {
                    throw new IllegalArgumentException("\"" + rule + "\" contradicts \"" + other.rule()
                            + "\": both would hit the same sectors of the same requests, which can go one way only; leave"
                            + " one of the two out, or give them different sectors");
                }
            }
        }
    }

    /** Checks that no rule waits for itself: a rule that has fired may let another one begin. */
    private void checkCircles(Map<String, ArmedRule> added) {
        if (added.values().stream().allMatch(a -> a.rule().needs().isEmpty())) {
            return;
        }
        Map<String, Rule> waiting = new LinkedHashMap<>();
        for (Map<String, ArmedRule> some : List.of(armed, added)) {
            some.forEach((name, a) -> {
                if (!a.tally().hasFired()) {
                    waiting.put(name, a.rule());
                }
            });
        }
        List<String> circle = Rule.waitingInACircle(waiting);
        if (!circle.isEmpty() && circle.stream().anyMatch(added::containsKey)) {
            throw new IllegalArgumentException("the rules " + String.join(" and ", circle)
                    + " wait for each other's first firing, so none of them can ever fire; leave out one of their while and"
                    + " since");
        }
    }

    private void fired(Rule rule, Request request) {
        listener.fired(rule, request);
        if (waiting.get() > 0) {
            synchronized (waiting) {
                waiting.notifyAll();
            }
        }
    }

    /**
     * Waits until a rule has fired that often, counted from when it was armed.
     *
     * @return how often it has, which is less when the time is up
     * @throws IllegalArgumentException if no rule of that name is armed, or none any more
     */
    public long awaitFired(String name, long times, Duration limit) throws InterruptedException {
        long start = clock.getAsLong();
        waiting.incrementAndGet(); // before the first look, so that a rule that fires after it sees that a thread waits
        try {
            while (true) {
                long fired = report(name).orElseThrow(() -> noSuch(name)).fired();
                long leftMillis = limit.toMillis() - (clock.getAsLong() - start) / 1_000_000;
                if (fired >= times || leftMillis <= 0) {
                    return fired;
                }
                synchronized (waiting) {
                    waiting.wait(Math.min(leftMillis, LOOK_AGAIN_MILLIS));
                }
            }
        } finally {
            waiting.decrementAndGet();
        }
    }

    private static IllegalArgumentException noSuch(String name) {
        return new IllegalArgumentException("no rule named " + name + " is armed; arm it before waiting for it");
    }

    private String freeName(Map<String, ArmedRule> added) {
        int n = 1;
        while (armed.containsKey("rule-" + n) || added.containsKey("rule-" + n)) {
            n++;
        }
        return "rule-" + n;
    }

    private void compile() {
        owner.accept(armed.values().stream().map(a -> a.rule().effect()).collect(Collectors.toSet()));
        table = armed.isEmpty() ? null : new RuleTable(new ArrayList<>(armed.values()), this::fired);
    }
}
