package io.ublkdisk.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which states a crash can leave, what they are called, and how small a failing one becomes. */
class CrashStatesTest {
    /** Changes 11, 12, … of eight sectors each. */
    private static Epoch epoch(int count, Integer... fuas) {
        List<RecordedChange> changes = new ArrayList<>();
        for (int number = 11; number < 11 + count; number++) {
            boolean fua = List.of(fuas).contains(number);
            changes.add(new RecordedChange(
                    number, Operation.WRITE, Extent.ofLength(number * 8L, 8), fua ? number + 1 : RecordedChange.NEVER));
        }
        return new Epoch(3, 11, changes, 1);
    }

    private static List<String> ids(Epoch epoch, Sample sample) {
        return epoch.states(sample).map(CrashState::id).toList();
    }

    @Test
    void areAllSubsetsOfFewChanges() {
        assertThat(ids(epoch(3), new Sample(8, false, 0)))
                .containsExactlyInAnyOrder(
                        "e3:all",
                        "e3:none",
                        "e3:upto-11",
                        "e3:upto-12",
                        "e3:all-but-11",
                        "e3:all-but-12",
                        "e3:only-12",
                        "e3:only-13");
    }

    @Test
    void areTheTwoEndsOfAnEpochWithoutChanges() {
        assertThat(ids(epoch(0), Sample.DEFAULT)).containsExactly("e3:all");
    }

    /** What came with FUA before a change that is there, is there too. */
    @Test
    void keepWhatWasForcedBeforeTheCrash() {
        assertThat(ids(epoch(3, 12), new Sample(100, false, 0)))
                .containsExactlyInAnyOrder(
                        "e3:all", "e3:none", "e3:upto-11", "e3:upto-12", "e3:all-but-11", "e3:only-12");
        Epoch epoch = epoch(3, 12);
        assertThat(epoch.crashPoint(epoch.parse("e3:upto-11"))).isEqualTo(12);
        assertThat(epoch.crashPoint(epoch.parse("e3:only-12"))).isEqualTo(14);
        assertThat(epoch.lost(epoch.parse("e3:only-12")))
                .extracting(RecordedChange::number)
                .containsExactly(11L, 13L);
        assertThat(epoch.lost(epoch.parse("e3:upto-11")))
                .as("the crash was before the forced one")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 40, 300})
    void areNamedSoThatTheyCanBeMadeAgain(int count) {
        Epoch epoch = epoch(count, 13, 30);
        Set<String> seen = new HashSet<>();
        List<CrashState> states = epoch.states(new Sample(500, true, 7)).toList();
        for (CrashState state : states) {
            assertThat(seen.add(state.id())).as(state.id()).isTrue();
            CrashState again = epoch.parse(state.id());
            assertThat(again.id()).isEqualTo(state.id());
            assertThat(again.surviving()).isEqualTo(state.surviving());
            assertThat(again.tears()).isEqualTo(state.tears());
        }
        assertThat(states).hasSizeGreaterThan(Math.min(count, 100) * 2);
        assertThat(states.stream().anyMatch(state -> !state.tears().isEmpty())).isTrue();
        assertThat(epoch.states(new Sample(500, true, 7))).isEqualTo(states);
    }

    @Test
    void differWithTheSeedAndHaveNoMoreThanWasAskedFor() {
        Epoch epoch = epoch(100);
        assertThat(ids(epoch, new Sample(20, true, 1))).hasSize(20).isNotEqualTo(ids(epoch, new Sample(20, true, 2)));
        assertThat(ids(epoch, new Sample(20, true, 1))).startsWith("e3:all", "e3:none");
    }

    /** A drive of 4 KiB sectors that speaks of 512 bytes: writes across its sectors are torn between them, those within one never. */
    @Test
    void tearOnlyAtMultiplesOfWhatIsWrittenWholly() {
        List<RecordedChange> changes = List.of(
                new RecordedChange(1, Operation.WRITE, Extent.ofLength(4, 24), RecordedChange.NEVER),
                new RecordedChange(2, Operation.WRITE, Extent.ofLength(64, 8), RecordedChange.NEVER),
                new RecordedChange(3, Operation.WRITE, Extent.ofLength(98, 4), RecordedChange.NEVER));
        Epoch epoch = new Epoch(0, 1, changes, 1);
        Set<Long> edges = new HashSet<>();
        for (long seed = 0; seed < 50; seed++) {
            epoch.states(new Sample(64, true, seed, 8))
                    .forEach(state -> state.tears().forEach((number, tear) -> {
                        assertThat(number)
                                .as("the others lie within a sector of 4 KiB")
                                .isEqualTo(1);
                        edges.add(tear.left() ? 4L + tear.sectorCount() : 28L - tear.sectorCount());
                    }));
        }
        assertThat(edges).containsExactlyInAnyOrder(8L, 24L);
    }

    @Test
    void tearOnlyBetweenBlocks() {
        List<RecordedChange> one =
                List.of(new RecordedChange(11, Operation.WRITE, Extent.ofLength(0, 24), RecordedChange.NEVER));
        Epoch epoch = new Epoch(3, 11, one, 8);
        assertThat(ids(epoch, new Sample(100, true, 0)))
                .contains("e3:all", "e3:none")
                .allMatch(id -> !id.contains(",") || id.matches("e3:all,t11[<>](8|16)"))
                .hasSizeGreaterThan(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> epoch.parse("e3:all,t11<3"))
                .withMessageContaining("e3:all");
    }

    @Test
    void refuseNamesThatAreNone() {
        Epoch epoch = epoch(3, 12);
        for (String wrong : List.of(
                "",
                "e3",
                "e3:",
                "e4:all",
                "e3:some",
                "e3:upto-10",
                "e3:only-14",
                "e3:only-13..11",
                "e3:xff",
                "e3:x",
                "e3:all,t11",
                "e3:all,t11<8",
                "e3:all,t99<1",
                "e3:only-13",
                "e3:upto-99999999999999999999")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> epoch.parse(wrong))
                    .withMessageContaining("'" + wrong + "'");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> epoch.parse("e3:only-13"))
                .withMessageContaining("e3:all-but-11");
    }

    /** Fails if 20 is gone, or both 15 and 33 are. */
    @Test
    void shrinkToTheFewestLostChanges() {
        Epoch epoch = epoch(40);
        Predicate<CrashState> fails = state -> !state.survives(20) || !state.survives(15) && !state.survives(33);
        assertThat(shrunk(epoch, "e3:none", fails)).isIn("e3:all-but-20", "e3:all-but-15+33");
        assertThat(shrunk(epoch, "e3:all-but-12+15+33..40", fails)).isEqualTo("e3:all-but-15+33");
        assertThat(shrunk(epoch, "e3:upto-14", state -> !state.survives(50))).isEqualTo("e3:upto-49");
        assertThat(shrunk(epoch, "e3:none", state -> true))
                .as("it fails with all there")
                .isEqualTo("e3:all");
    }

    @Test
    void shrinkToTheTornOne() {
        Epoch epoch = epoch(40);
        Predicate<CrashState> fails = state -> state.tears().containsKey(17L) && !state.survives(18);
        assertThat(shrunk(epoch, "e3:only-11..17+30..40,t12<3,t17>2,t40<1", fails))
                .isEqualTo("e3:all-but-18,t17>2");
    }

    /** A crash before a forced change: it cannot be mended without the crash being later. */
    @Test
    void shrinkNoFurtherThanToStatesThatACrashCanLeave() {
        Epoch epoch = epoch(6, 15);
        String least = shrunk(epoch, "e3:upto-12", state -> !state.survives(13) && !state.survives(15));
        assertThat(epoch.parse(least).survives(15)).isFalse();
    }

    /** Whatever is needed for a failure, small sets at random: what is reached fails, and mending any one change mends all. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void shrinkToMinimalSets(int needed) {
        Epoch epoch = epoch(60);
        for (int seed = 0; seed < 50; seed++) {
            List<Integer> numbers = new java.util.SplittableRandom(seed)
                    .ints(11, 71)
                    .distinct()
                    .limit(needed)
                    .boxed()
                    .collect(Collectors.toList());
            String least = shrunk(epoch, "e3:none", state -> numbers.stream().noneMatch(state::survives));
            CrashState state = epoch.parse(least);
            assertThat(epoch.lost(state))
                    .extracting(change -> (int) change.number())
                    .containsExactlyInAnyOrderElementsOf(numbers);
        }
    }

    @Test
    void shrinkWithinTheLimit() {
        int[] tries = {0};
        CrashState least = Shrink.of(
                epoch(200),
                epoch(200).parse("e3:none"),
                state -> {
                    tries[0]++;
                    return !state.survives(60) && !state.survives(150);
                },
                5);
        assertThat(tries[0]).isLessThanOrEqualTo(5);
        assertThat(least.survives(60) || least.survives(150)).isFalse();
    }

    private static String shrunk(Epoch epoch, String id, Predicate<CrashState> fails) {
        Set<String> tried = new HashSet<>();
        CrashState failing = epoch.parse(id);
        CrashState least = Shrink.of(
                epoch,
                failing,
                state -> {
                    assertThat(tried.add(state.id()))
                            .as("tried once: %s", state)
                            .isTrue();
                    return fails.test(state);
                },
                1000);
        assertThat(fails.test(least)).as(least.id()).isTrue();
        return least.id();
    }
}
