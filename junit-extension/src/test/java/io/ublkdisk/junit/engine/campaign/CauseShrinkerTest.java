package io.ublkdisk.junit.engine.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.crash.RecordedChange;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.junit.engine.campaign.CauseShrinker.Shrunk;
import io.ublkdisk.junit.engine.campaign.FailureCause.Damage;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A failing state is made small in the way in which it fails, and what is said of that is true. */
class CauseShrinkerTest {
    private static final Throwable GONE = new IllegalStateException("record 3 is gone");
    private static final Throwable BROKEN = new IllegalStateException("the header is broken");

    private final List<RecordedChange> changes = LongStream.rangeClosed(1, 4)
            .mapToObj(number ->
                    new RecordedChange(number, Operation.WRITE, Extent.ofLength(number * 8, 8), RecordedChange.NEVER))
            .toList();
    private final Epoch epoch = new Epoch(0, 1, changes, 1);

    private Shrunk shrink(String id, int tries, Function<CrashState, Throwable> check) {
        CrashState found = epoch.parse(id);
        CampaignSettings settings = new CampaignSettings(Sample.DEFAULT, true, tries, 1);
        CauseShrinker shrinker =
                new CauseShrinker(settings, smaller -> Optional.ofNullable(check.apply(epoch.parse(smaller))));
        return shrinker.shrink(epoch, found, FailureCause.of(Damage.of(epoch, found), check.apply(found)));
    }

    @Test
    void keepsOnlyWhatMakesItFail() {
        Shrunk shrunk = shrink("e0:only-4", 60, state -> state.survives(2) ? null : GONE);
        assertThat(shrunk.least().id()).isEqualTo("e0:all-but-2");
        assertThat(shrunk.how()).matches("made small in \\d+ tries: e0:all-but-2");
    }

    /** Without any loss it fails too, but in another way: that is another bug. */
    @Test
    void doesNotFollowAnotherFailure() {
        Shrunk shrunk = shrink("e0:only-4", 60, state -> state.survives(2) ? BROKEN : GONE);
        assertThat(shrunk.least().id()).isEqualTo("e0:all-but-2");
    }

    @Test
    void saysThatNothingNeedsToBeLost() {
        Shrunk shrunk = shrink("e0:all-but-2", 60, state -> GONE);
        assertThat(shrunk.least().id()).isEqualTo("e0:all");
        assertThat(shrunk.how()).isEqualTo("made small in 1 try: e0:all");
    }

    @Test
    void saysThatNothingIsLost() {
        assertThat(shrink("e0:all", 60, state -> GONE)).isEqualTo(new Shrunk(epoch.whole(), ""));
    }

    @Test
    void saysThatItWasNotTried() {
        assertThat(shrink("e0:only-4", 0, state -> GONE).how()).isEqualTo("not made small: shrinkTries is 0");
    }

    @Test
    void saysThatItCannotBeSmaller() {
        Shrunk shrunk = shrink("e0:all-but-2", 60, state -> state.survives(2) ? null : GONE);
        assertThat(shrunk.least().id()).isEqualTo("e0:all-but-2");
        assertThat(shrunk.how()).isEqualTo("1 try made it no smaller");
    }

    @Test
    void saysThatMoreWasNotAllowed() {
        Shrunk shrunk = shrink("e0:none", 2, state -> state.survives(2) ? null : GONE);
        assertThat(shrunk.how()).endsWith("; more than 2 were not allowed (shrinkTries)");
    }
}
