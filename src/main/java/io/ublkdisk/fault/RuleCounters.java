package io.ublkdisk.fault;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What has become of an armed rule: how many requests were in its scope, and how often it did something. Outlives the tables
 * that the rule is compiled into. Counted by all queue threads; each number is exact, two of them read together may be a
 * request apart.
 */
public final class RuleCounters {
    private static final long NOT_YET = Long.MIN_VALUE;

    private final AtomicLong seen = new AtomicLong();
    private final AtomicLong seenBytes = new AtomicLong();
    private final AtomicLong matched = new AtomicLong();
    private final AtomicLong fired = new AtomicLong();
    /** Of an effect that shows only later whether it does anything: firings that have, or still may. */
    private final AtomicLong reserved = new AtomicLong();

    private final AtomicLong spent = new AtomicLong();
    private final AtomicLong firstFiredNanos = new AtomicLong(NOT_YET);
    private volatile boolean latched;
    private long restartedAt;
    private long sinceRestart;

    private final LongSupplier clock;
    private long[] lanesFreeNanos = {};
    private long turnNanos = NOT_YET;

    RuleCounters(LongSupplier clock) {
        this.clock = clock;
    }

    /** Requests in scope, counted after {@code after} has passed and before nth, probability and times are asked. */
    public long matched() {
        return matched.get();
    }

    /** Returns how often the effect did something. */
    public long fired() {
        return fired.get();
    }

    /**
     * Spends as much of {@code wanted} as is left of a budget. For effects.
     *
     * @return 0 when all has been spent
     */
    public long spend(long wanted, long budget) {
        long before = spent.getAndUpdate(s -> s >= budget - wanted ? budget : s + wanted);
        return Math.min(wanted, budget - before);
    }

    /** Adds the amount, and returns the sum before it. For effects with a limit. */
    public long count(long amount) {
        return spent.getAndAdd(amount);
    }

    /**
     * Takes the lane that is free first. For effects that serve so many requests at a time.
     *
     * @return how long until that lane has served this request, in nanoseconds
     */
    public synchronized long takeLane(int lanes, long serviceNanos) {
        long now = clock.getAsLong();
        if (lanesFreeNanos.length != lanes) {
            lanesFreeNanos = new long[lanes];
            Arrays.fill(lanesFreeNanos, now);
        }
        int first = 0;
        for (int i = 1; i < lanes; i++) {
            first = lanesFreeNanos[i] - lanesFreeNanos[first] < 0 ? i : first;
        }
        long start = Math.max(0, lanesFreeNanos[first] - now);
        lanesFreeNanos[first] = now + start + serviceNanos;
        return start + serviceNanos;
    }

    /**
     * Takes the next turn: one after the other, each as long as it costs. For effects that limit a rate.
     *
     * @param burstNanos how far the turns may run ahead of the time
     * @return how long until it is this request's turn, in nanoseconds
     */
    public synchronized long takeTurn(long costNanos, long burstNanos) {
        long now = clock.getAsLong();
        if (turnNanos == NOT_YET || turnNanos - now < 0) {
            turnNanos = now;
        }
        long waitNanos = Math.max(0, turnNanos - now - burstNanos + (burstNanos > 0 ? costNanos : 0));
        turnNanos += costNanos;
        return waitNanos;
    }

    long seenBefore(long bytes, Amount.Unit unit) {
        long requests = seen.getAndIncrement();
        long before = seenBytes.getAndAdd(bytes);
        return unit == Amount.Unit.BYTES ? before : requests;
    }

    /** Returns the number of this request, from 1. */
    long match() {
        return matched.incrementAndGet();
    }

    /** Returns the number of this request, from 1, since {@code firings} last changed; 0 as long as that is 0. */
    synchronized long matchSince(long firings) {
        if (firings == 0) {
            return 0;
        }
        matched.incrementAndGet();
        if (firings != restartedAt) {
            restartedAt = firings;
            sinceRestart = 0;
        }
        return ++sinceRestart;
    }

    /** Counts a firing, if fewer than {@code most} have been. */
    boolean fire(long most) {
        return count(fired, most);
    }

    /** Takes back what {@link #fire} has counted. */
    void unfire() {
        fired.decrementAndGet();
    }

    /** Keeps room for a firing, if fewer than {@code most} have been or are to come: {@link #settle} ends that. */
    boolean reserve(long most) {
        return count(reserved, most);
    }

    /** Ends what {@link #reserve} has begun: as a firing, or as if it had not been. */
    void settle(boolean hasFired) {
        if (hasFired) {
            fired.incrementAndGet();
        } else {
            reserved.decrementAndGet();
        }
    }

    private static boolean count(AtomicLong counter, long most) {
        if (most == Trigger.UNLIMITED) {
            counter.incrementAndGet();
            return true;
        }
        long now = counter.get();
        while (now < most) {
            if (counter.compareAndSet(now, now + 1)) {
                return true;
            }
            now = counter.get();
        }
        return false;
    }

    void markFirst(long nowNanos) {
        firstFiredNanos.compareAndSet(NOT_YET, nowNanos);
    }

    boolean hasFired() {
        return fired.get() > 0;
    }

    /** Returns whether the time since the first firing is up. */
    boolean isOver(long lastsNanos, long nowNanos) {
        long first = firstFiredNanos.get();
        return first != NOT_YET && nowNanos - first >= lastsNanos;
    }

    /** Returns whether the effect has begun for good. */
    public boolean latched() {
        return latched;
    }

    void latch(boolean on) {
        latched = on;
    }
}
