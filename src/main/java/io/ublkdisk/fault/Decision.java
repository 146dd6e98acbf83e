package io.ublkdisk.fault;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the rules say about one request. One object for each request in flight, used again and again; belongs to the thread
 * that has the request. {@link RuleTable#decide} fills it; then the link acts by {@link #delayNanos}, {@link #hold} and
 * {@link #status}, the cache and the media by what fired.
 */
public final class Decision {
    private BlockStatus status = BlockStatus.OK;
    private int failAfterSectors;
    private long delayNanos;
    private boolean hold;
    /** Which of the rules that fired parks the request. */
    private int holder;

    /** What the listeners call the request; 0 without one that numbers requests. */
    private long number;

    private ArmedRule[] fired = new ArmedRule[4];
    private long[] keys = new long[4];
    /** Of rules that fire when a byte has changed, whether one has. */
    private boolean[] changed = new boolean[4];

    private int count;
    /** Which table has decided, and is to be told what came of it; null when it has been. */
    private RuleTable unsettled;

    /** Candidates of the table as bits; all zero between two decisions. */
    private long[] candidates = new long[1];

    private int lowWord = Integer.MAX_VALUE;
    private int highWord = -1;

    /** Returns the number that the drive's listener gave the request; 0 if there is no such listener. */
    public long number() {
        return number;
    }

    /** Says what the request is called. */
    public void number(long wanted) {
        number = wanted;
    }

    /** Returns how the link ends the request; {@link BlockStatus#OK} for a request that goes on. */
    public BlockStatus status() {
        return status;
    }

    public boolean failed() {
        return status != BlockStatus.OK;
    }

    /** Returns how many sectors of a write that fails are to reach the media all the same; may be more than it has. */
    public int failAfterSectors() {
        return failAfterSectors;
    }

    /** Returns how long the request waits before anything else happens to it, in nanoseconds. */
    public long delayNanos() {
        return delayNanos;
    }

    /** Returns whether the request is parked, after the delay, until a test or command releases it. */
    public boolean hold() {
        return hold;
    }

    /** Returns the rule that parks the request, if {@link #hold}. */
    public Rule holder() {
        return rule(holder);
    }

    /** Returns how many rules have something to say about the request, of all three parts. */
    public int count() {
        return count;
    }

    /** Returns the i-th of these rules: link first, then cache, then media, each in the order of the script. */
    public Rule rule(int i) {
        return fired[i].rule();
    }

    public Effect effect(int i) {
        return fired[i].rule().effect();
    }

    /** Returns whether the i-th rule's effect is meant for that sector: in its ranges, picked, and not rewritten. */
    public boolean covers(int i, long sector) {
        return fired[i].covers(sector);
    }

    /** Returns the key of the i-th rule for that sector: for whatever is random in what happens to it. */
    public long key(int i, long sector) {
        return Seed.combine(keys[i], sector);
    }

    /**
     * Applies the damage of one rule to one sector.
     *
     * @param i of the rule, whose effect must be a {@link DamageEffect} that {@link #covers} the sector
     * @param index of the sector in the request, from 0
     * @return whether a byte is another one than before
     */
    public boolean damage(Request request, int i, int index) {
        boolean does = ((DamageEffect) effect(i)).damage(request, index, key(i, request.sector() + index));
        changed[i] |= does;
        return does;
    }

    /** Returns whether a rule that sends sectors elsewhere, or has old ones, is not known yet to have changed a byte. */
    public boolean hasUnprovenWay() {
        for (int i = 0; i < count; i++) {
            if (!changed[i] && isWay(i)) {
                return true;
            }
        }
        return false;
    }

    /** Tells that a sector has other bytes because of where it went or came from. */
    public void wayChanged(Request request, int index) {
        long sector = request.sector() + index;
        for (int i = 0; i < count; i++) {
            if (isWay(i) && covers(i, sector)) {
                changed[i] |= !(effect(i) instanceof RouteEffect way) || way.route(request, index) != sector;
            }
        }
    }

    private boolean isWay(int i) {
        return effect(i) instanceof RouteEffect || readsEarlierBytes(i);
    }

    /** Returns whether the i-th rule has fired: at once, or, if it changes bytes, when one has changed. */
    public boolean hasFired(int i) {
        return changed[i] || !fired[i].firesLater();
    }

    /**
     * Ends the request: rules that change bytes have fired now, or have not. Does nothing when it is called again.
     *
     * @param done whether the request was carried out; what was to happen to the bytes of one that was not has not happened
     * @return how many rules have fired by it
     */
    public int settle(Request request, boolean done) {
        RuleTable table = unsettled;
        unsettled = null;
        int more = 0;
        for (int i = 0; table != null && i < count; i++) {
            if (fired[i].firesLater()) {
                changed[i] &= done;
                more += changed[i] ? 1 : 0;
                table.settle(fired[i], request, changed[i]);
            }
        }
        return more;
    }

    /** Returns how many rules have fired at once. */
    public int firedAtOnce() {
        int n = 0;
        for (int i = 0; i < count; i++) {
            n += fired[i].firesLater() ? 0 : 1;
        }
        return n;
    }

    /** Returns whether an effect that fired sends sectors elsewhere; if not, {@link #route} need not be asked. */
    public boolean reroutes() {
        return find(RouteEffect.class) >= 0;
    }

    /**
     * Returns where a sector of a write lands, or a sector of a read comes from. When several effects fired, the last one that
     * says something about the sector has it, but what is lost stays lost.
     *
     * @param index of the sector in the request, from 0
     * @return a sector, which may be past the end of the disk, or {@link RouteEffect#LOST}
     */
    public long route(Request request, int index) {
        long sector = request.sector() + index;
        long to = sector;
        for (int i = 0; i < count && to != RouteEffect.LOST; i++) {
            if (effect(i) instanceof RouteEffect effect && covers(i, sector)) {
                long routed = effect.route(request, index);
                to = routed == sector ? to : routed;
            }
        }
        return to;
    }

    /** Returns whether the i-th rule answers reads with earlier bytes. */
    private boolean readsEarlierBytes(int i) {
        return effect(i) instanceof MediaEffect effect && effect.readsEarlierBytes();
    }

    /** Returns whether a rule answers a read of some sector with earlier bytes. */
    public boolean readsEarlierBytes() {
        for (int i = 0; i < count; i++) {
            if (readsEarlierBytes(i)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a rule answers a read of that sector with what it had before it was last changed. */
    public boolean isStale(long sector) {
        for (int i = 0; i < count; i++) {
            if (readsEarlierBytes(i) && covers(i, sector)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the effects of the cache that apply; empty for a cache that tells the truth. */
    public List<CacheEffect> cacheEffects() {
        List<CacheEffect> effects = List.of();
        for (int i = 0; i < count; i++) {
            if (effect(i) instanceof CacheEffect effect) {
                effects = effects.isEmpty() ? new ArrayList<>(1) : effects;
                effects.add(effect);
            }
        }
        return effects;
    }

    /** Returns the first rule that fired with an effect of that class, or -1. */
    public int find(Class<? extends Effect> type) {
        for (int i = 0; i < count; i++) {
            if (type.isInstance(effect(i))) {
                return i;
            }
        }
        return -1;
    }

    /** Ends the request with that status, after so many of its sectors have been written. For effects. */
    public void fail(BlockStatus how, int afterSectors) {
        status = how;
        failAfterSectors = afterSectors;
    }

    /** Makes the request wait that much longer. For effects. */
    public void delay(long nanos) {
        delayNanos = Math.max(delayNanos, delayNanos + nanos);
    }

    /** Holds the request. For effects. */
    public void park() {
        if (!hold) {
            hold = true;
            holder = count; // where its rule comes as soon as the effect has been applied
        }
    }

    /** Begins a request about which no rule says anything yet. */
    void clear(RuleTable decider) {
        unsettled = decider;
        status = BlockStatus.OK;
        failAfterSectors = 0;
        delayNanos = 0;
        hold = false;
        Arrays.fill(fired, 0, count, null);
        count = 0;
        if (highWord >= 0) { // an effect threw in the middle of the last decision
            Arrays.fill(candidates, 0);
            lowWord = Integer.MAX_VALUE;
            highWord = -1;
        }
    }

    void add(ArmedRule rule, long key) {
        if (count == fired.length) {
            fired = Arrays.copyOf(fired, 2 * count);
            keys = Arrays.copyOf(keys, 2 * count);
            changed = Arrays.copyOf(changed, 2 * count);
        }
        fired[count] = rule;
        changed[count] = false;
        keys[count++] = key;
    }

    void sizeFor(int rules) {
        if (candidates.length < (rules + 63) >> 6) {
            candidates = new long[(rules + 63) >> 6];
        }
    }

    void candidate(int index) {
        int word = index >> 6;
        candidates[word] |= 1L << index;
        lowWord = Math.min(lowWord, word);
        highWord = Math.max(highWord, word);
    }

    boolean hasCandidates() {
        return highWord >= 0;
    }

    /** Takes out the candidate with the lowest index; -1 when there is none left. */
    int nextCandidate() {
        while (lowWord <= highWord) {
            long word = candidates[lowWord];
            if (word != 0) {
                candidates[lowWord] = word & (word - 1);
                return (lowWord << 6) + Long.numberOfTrailingZeros(word);
            }
            lowWord++;
        }
        lowWord = Integer.MAX_VALUE;
        highWord = -1;
        return -1;
    }
}
