package io.ublkdisk.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The exact states that a seed chooses, what a state is as a value, and the edges of names and limits. */
class CrashStateChoiceTest {
    /** Changes 11, 12, … of 24 sectors each that begin off a 4 KiB sector; each fifth is a discard, and 15 came with FUA. */
    private static Epoch epoch(int count) {
        List<RecordedChange> changes = new ArrayList<>();
        for (int number = 11; number < 11 + count; number++) {
            changes.add(new RecordedChange(
                    number,
                    number % 5 == 0 ? Operation.DISCARD : Operation.WRITE,
                    Extent.ofLength(number * 24L + number % 3, 24),
                    number == 15 ? 16 : RecordedChange.NEVER));
        }
        return new Epoch(3, 11, changes, 1);
    }

    private static List<String> ids(Epoch epoch, Sample sample) {
        return epoch.states(sample).map(CrashState::id).toList();
    }

    /** A campaign that failed is repeated by its seed, also by a later version. */
    @Test
    void aSeedChoosesTheSameStatesInEachVersion() {
        assertThat(ids(epoch(12), new Sample(40, true, 7, 8)))
                .containsExactly(
                        ("e3:all e3:none e3:upto-16 e3:upto-14,t14>18 e3:all-but-14 e3:only-15+18 e3:all,t11<22 e3:upto-17"
                                        + " e3:upto-18,t18<8 e3:all-but-12 e3:only-12 e3:all,t13>17 e3:upto-19"
                                        + " e3:upto-17,t17<6 e3:all-but-13 e3:only-14 e3:all,t16<7 e3:only-12..15,t14>2"
                                        + " e3:upto-20 e3:upto-13,t13<7 e3:all-but-17 e3:only-15+17 e3:all,t21>16"
                                        + " e3:upto-12 e3:upto-11,t11>18 e3:all-but-18 e3:only-15+21 e3:all,t18>8"
                                        + " e3:upto-16,t14<6 e3:upto-21 e3:upto-19,t19<23 e3:only-13 e3:all,t22>1"
                                        + " e3:all-but-17..18+20..22,t12>16,t13<7 e3:upto-11 e3:upto-21,t21<8 e3:only-15"
                                        + " e3:all,t12>16 e3:upto-16,t16>1 e3:all-but-20")
                                .split(" "));
    }

    @Test
    void allSubsetsAreTakenWhereTheyAreNoMoreThanTheLimitAndTheEndsFirstWhereTheyAreMore() {
        assertThat(ids(epoch(4), new Sample(16, false, 7)))
                .hasSize(16)
                .startsWith("e3:all", "e3:all-but-11", "e3:all-but-12")
                .endsWith("e3:none");
        assertThat(ids(epoch(4), new Sample(15, false, 7)))
                .hasSizeLessThanOrEqualTo(15)
                .startsWith("e3:all", "e3:none");
    }

    /** From 30 changes on the subsets are no int any more. */
    @Test
    void moreChangesThanBitsOfAnIntAreSampled() {
        for (int count : new int[] {29, 30, 31, 32, 33}) {
            assertThat(ids(epoch(count), new Sample(10, false, 7)))
                    .as("%d changes", count)
                    .hasSize(10)
                    .startsWith("e3:all", "e3:none");
        }
    }

    @Test
    void aStateIsAValueOfItsEpochAndName() {
        Epoch epoch = epoch(4);
        CrashState state = epoch.parse("e3:all-but-13");
        assertThat(state)
                .isEqualTo(epoch(4).parse("e3:all-but-13"))
                .hasSameHashCodeAs(epoch.parse("e3:all-but-13"))
                .isNotEqualTo(epoch.parse("e3:all-but-12"))
                .isNotEqualTo("e3:all-but-13")
                .hasToString("e3:all-but-13");
        assertThat(state.hashCode()).isNotEqualTo(epoch.parse("e3:all-but-12").hashCode());
        assertThat(state.epoch()).isEqualTo(3);
        assertThat(state.survives(10)).as("before the epoch").isFalse();
        assertThat(state.isWhole(12)).isTrue();
        assertThat(state.isWhole(13)).isFalse();
    }

    @Test
    void aChangeSaysWhatItIs() {
        assertThat(epoch(5).changes())
                .extracting(RecordedChange::toString)
                .startsWith("#11 write sectors 266..289")
                .endsWith("#15 discard sectors 360..383 fua");
        assertThat(epoch(5).change(13)).hasToString("#13 write sectors 313..336");
    }

    @Test
    void namesAreReadUpToTheirEdges() {
        Epoch epoch = epoch(4);
        assertThat(epoch.parse("e3:only-12..12").id()).isEqualTo("e3:only-12");
        assertThat(epoch.parse("e3:upto-11").survives(12)).isFalse();
        assertThat(epoch.parse("e3:upto-14").id()).isEqualTo("e3:all");
        assertThat(epoch.parse("e3:xf").id()).isEqualTo("e3:all");
        assertThat(epoch.parse("e3:all,t11<1").tears()).hasSize(1);
        assertThat(epoch.parse("e3:all,t11>23").tears()).hasSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> epoch.parse("e3:x1f"))
                .withMessageContaining("4 changes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> epoch.parse("e3:upto-15"))
                .withMessageContaining("11 to 14");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Epoch(3, 11, List.of(), 1).parse("e3:upto-11"))
                .withMessageContaining("has no changes");
        for (String tear : List.of("t11<0", "t11<24", "t15<1", "t99<1")) {
            assertThatIllegalArgumentException().isThrownBy(() -> epoch.parse("e3:all," + tear));
        }
    }

    @Test
    void aSampleOfNothingIsRefused() {
        assertThat(new Sample(1, true, 0, 0).perEpoch()).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new Sample(0, true, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Sample(1, true, 0, -1));
    }
}
