package io.ublkdisk.junit.engine.campaign;

import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.crash.Shrink;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes failing states small, one of each cause: of what is lost or torn in it, the part that makes it fail in the same way. Says
 * what was done, and why where nothing was.
 */
final class CauseShrinker {
    private final CampaignSettings settings;
    private final Function<String, Optional<Throwable>> attempt;
    private int triesLeft;

    /** @param attempt checks the state of that name; returns what is wrong with it */
    CauseShrinker(CampaignSettings settings, Function<String, Optional<Throwable>> attempt) {
        this.settings = settings;
        this.attempt = attempt;
        this.triesLeft = settings.allShrinkTries();
    }

    /**
     * What became of a state.
     *
     * @param how in words; empty if there was nothing to make small
     */
    record Shrunk(CrashState least, String how) {}

    /** Makes that state small, which fails for that cause. */
    Shrunk shrink(Epoch epoch, CrashState found, FailureCause cause) {
        int limit = Math.min(settings.shrinkTries(), triesLeft);
        if (cause.damage() == FailureCause.Damage.NOTHING_LOST) {
            return new Shrunk(found, "");
        }
        if (limit < 1) {
            return new Shrunk(
                    found,
                    "not made small: "
                            + (settings.shrinkTries() == 0
                                    ? "shrinkTries is 0"
                                    : settings.allShrinkTries()
                                            + " states were tried for other failures; raise shrinkTries"));
        }
        int[] tries = {0};
        CrashState least = Shrink.of(
                epoch,
                found,
                smaller -> {
                    tries[0]++;
                    return attempt.apply(smaller.id())
                            .filter(other ->
                                    FailureCause.of(cause.damage(), other).equals(cause))
                            .isPresent();
                },
                Math.max(limit, limit + 1)); // it counts the state that is there
        triesLeft -= tries[0];
        String end = tries[0] >= limit ? "; more than " + limit + " were not allowed (shrinkTries)" : "";
        return new Shrunk(
                least,
                least.equals(found)
                        ? count(tries[0]) + " made it no smaller" + end
                        : "made small in " + count(tries[0]) + ": " + least.id() + end);
    }

    private static String count(int tries) {
        return tries == 1 ? "1 try" : tries + " tries";
    }
}
