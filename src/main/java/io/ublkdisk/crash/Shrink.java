package io.ublkdisk.crash;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Makes a failing crash state small: of what is lost or torn in it, the part that alone makes it fail. Delta debugging
 * (Zeller and Hildebrandt's ddmin): chunks of the damage are mended, larger ones first, as long as it still fails; in the end
 * mending any single change would make it pass.
 *
 * <p>Each state is tried once. What is reached is minimal, not always the smallest that there is.
 */
public final class Shrink {
    private final Epoch epoch;
    private final Predicate<CrashState> fails;
    private final int limit;
    private final Map<String, Boolean> tried = new HashMap<>();

    /** A change that is not there as it was written. */
    private record Damage(int index, Optional<Tear> tear) {}

    private Shrink(Epoch epoch, Predicate<CrashState> fails, int limit) {
        this.epoch = epoch;
        this.fails = fails;
        this.limit = limit;
    }

    /**
     * Shrinks a state of that epoch that fails.
     *
     * @param fails whether a state fails; asked for states of the same epoch
     * @param limit how many states may be tried; with fewer than needed the result fails, but may not be minimal
     * @return a state that fails, with no more damage
     */
    public static CrashState of(Epoch epoch, CrashState failing, Predicate<CrashState> fails, int limit) {
        return new Shrink(epoch, fails, limit).shrink(failing);
    }

    private CrashState shrink(CrashState failing) {
        List<Damage> damage = new ArrayList<>();
        for (RecordedChange change : epoch.changes()) {
            Tear tear = failing.tears().get(change.number());
            if (tear != null || !failing.survives(change.number())) {
                damage.add(new Damage((int) (change.number() - epoch.first()), Optional.ofNullable(tear)));
            }
        }
        tried.put(failing.id(), true);
        if (fails(List.of())) {
            return state(List.of());
        }
        List<Damage> least = ddmin(damage);
        // If mending the rest changed what is forced, the state may be another than the one that failed.
        return fails(least) ? state(least) : failing;
    }

    private List<Damage> ddmin(List<Damage> all) {
        List<Damage> damage = all;
        int chunks = 2;
        while (damage.size() > 1 && tried.size() < limit) {
            List<Damage> smaller = smaller(damage, chunks);
            if (smaller != null) {
                chunks = Math.max(2, Math.min(chunks - 1, smaller.size()));
                damage = smaller;
            } else if (chunks < damage.size()) {
                chunks = Math.min(damage.size(), 2 * chunks);
            } else {
                break;
            }
        }
        return damage;
    }

    /** Returns a chunk that fails alone, or what fails without a chunk; null if neither does. */
    private List<Damage> smaller(List<Damage> damage, int chunks) {
        for (int i = 0; i < chunks; i++) {
            List<Damage> chunk = damage.subList(damage.size() * i / chunks, damage.size() * (i + 1) / chunks);
            if (fails(chunk)) {
                return List.copyOf(chunk);
            }
        }
        for (int i = 0; chunks > 2 && i < chunks; i++) {
            List<Damage> rest = new ArrayList<>(damage);
            rest.subList(damage.size() * i / chunks, damage.size() * (i + 1) / chunks)
                    .clear();
            if (fails(rest)) {
                return rest;
            }
        }
        return null;
    }

    private boolean fails(List<Damage> damage) {
        CrashState state = state(damage);
        Boolean known = tried.get(state.id());
        if (known == null) {
            if (tried.size() >= limit) {
                return false;
            }
            known = fails.test(state);
            tried.put(state.id(), known);
        }
        return known;
    }

    private CrashState state(List<Damage> damage) {
        BitSet surviving = new BitSet();
        surviving.set(0, epoch.changes().size());
        Map<Long, Tear> tears = new TreeMap<>();
        for (Damage one : damage) {
            one.tear()
                    .ifPresentOrElse(
                            tear -> tears.put(epoch.first() + one.index(), tear), () -> surviving.clear(one.index()));
        }
        return epoch.state(surviving, tears);
    }
}
