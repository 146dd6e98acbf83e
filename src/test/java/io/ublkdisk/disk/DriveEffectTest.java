package io.ublkdisk.disk;

import static io.ublkdisk.disk.DriveTest.sectors;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.script.Script;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What cache and media make of each effect of theirs: never, always, nth, on command, and healthy without. */
class DriveEffectTest {

    /** An effect, and a try that shows whether the drive has done it or what a healthy one does. */
    enum Effect {
        LOSE("on write sectors 8..15", "lose", t -> t.writtenInto(8, 8, (byte) 0, 0, 8)),
        LOSE_DISCARD("on discard", "lose", Try::discardComesBack),
        TEAR("on write sectors 8..15", "tear keep 3 sectors", t -> t.writtenInto(8, 8, (byte) 0, 3, 8)),
        TEAR_LAST(
                "on write sectors 8..15",
                "tear keep last 1 sector rest zero",
                t -> t.writtenInto(8, 8, (byte) 0, 0, 7)),
        MISDIRECT_WRITE("on write sectors 8..15", "misdirect by 64", Try::landsElsewhere),
        MISDIRECT_READ("on read sectors 8..15", "misdirect by -8", Try::comesFromElsewhere),
        STALE("on read sectors 8..15", "stale", Try::isOld),
        LIE("on flush", "lie", Try::flushIsALie),
        LIE_FUA("on fua", "lie", Try::fuaIsALie),
        LIE_ABOUT("on flush", "lie about sectors 8..15", Try::flushIsALie);

        private final String on;
        private final String effect;
        private final Function<Try, Boolean> strikes;

        Effect(String on, String effect, Function<Try, Boolean> strikes) {
            this.on = on;
            this.effect = effect;
            this.strikes = strikes;
        }

        String rule(String trigger) {
            return "rule it: " + on + trigger + effect;
        }
    }

    /** One go with bytes of its own; says whether the fault struck, and fails if it was neither struck nor healthy. */
    private static final class Try {
        final Drive drive;
        final Host host;
        final byte fresh;

        Try(Drive drive, int number) {
            this.drive = drive;
            this.host = new Host(drive);
            this.fresh = (byte) (2 * number + 1);
        }

        private byte[] bytes(int count) {
            return sectors(count, fresh);
        }

        private boolean writtenInto(int at, int count, byte before, int brokenFrom, int brokenTo) {
            host.writeZeroes(at, count);
            ok(host.write(at, bytes(count)));
            byte[] broken = bytes(count);
            Arrays.fill(broken, brokenFrom * 512, brokenTo * 512, before);
            return isOneOf(host.read(at, count), broken, bytes(count));
        }

        private boolean discardComesBack() {
            ok(host.write(8, bytes(8)));
            ok(host.discard(8, 8));
            return isOneOf(host.read(8, 8), bytes(8), sectors(8, 0));
        }

        private boolean landsElsewhere() {
            host.writeZeroes(8, 8);
            host.writeZeroes(72, 8);
            ok(host.write(8, bytes(8)));
            boolean struck = isOneOf(host.read(8, 8), sectors(8, 0), bytes(8));
            assertThat(host.read(72, 8)).isEqualTo(struck ? bytes(8) : sectors(8, 0));
            return struck;
        }

        private boolean comesFromElsewhere() {
            ok(host.write(0, sectors(8, fresh + 1)));
            ok(host.write(8, bytes(8)));
            return isOneOf(host.read(8, 8), sectors(8, fresh + 1), bytes(8));
        }

        private boolean isOld() {
            ok(host.write(8, sectors(8, fresh + 1)));
            ok(host.write(8, bytes(8)));
            return isOneOf(host.read(8, 8), sectors(8, fresh + 1), bytes(8));
        }

        private boolean flushIsALie() {
            ok(host.write(8, bytes(8)));
            ok(host.flush());
            return isLostByACut();
        }

        private boolean fuaIsALie() {
            ok(host.writeFua(8, bytes(8)));
            return isLostByACut();
        }

        private boolean isLostByACut() {
            byte[] before;
            try (Drive image = drive.crashImage(SurvivalPolicy.none())) {
                before = new Host(image).read(8, 8);
            }
            boolean struck = !Arrays.equals(before, bytes(8));
            assertThat(drive.requests().stats().unflushedWrites() > 0).isEqualTo(struck);
            drive.powerCut(SurvivalPolicy.none());
            drive.cache().powerOn();
            assertThat(host.read(8, 8)).isEqualTo(before);
            return struck;
        }

        private static boolean isOneOf(byte[] found, byte[] struck, byte[] healthy) {
            assertThat(Arrays.equals(found, struck) || Arrays.equals(found, healthy))
                    .as("struck or healthy, and nothing else")
                    .isTrue();
            return Arrays.equals(found, struck);
        }

        private static void ok(BlockStatus status) {
            assertThat(status).isEqualTo(BlockStatus.OK);
        }
    }

    @ParameterizedTest
    @EnumSource
    void never(Effect effect) {
        assertThat(struck(effect, " with probability 0 ")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void always(Effect effect) {
        assertThat(struck(effect, " ")).containsExactly(1, 2, 3, 4, 5);
    }

    @ParameterizedTest
    @EnumSource
    void nth(Effect effect) {
        assertThat(struck(effect, " nth 3 ")).containsExactly(3);
    }

    @ParameterizedTest
    @EnumSource
    void onCommand(Effect effect) {
        try (Drive drive = drive()) {
            assertThat(tries(effect, drive, 1, 3)).isEmpty();
            drive.rules().add(Script.parseRule(effect.rule(" ")));
            assertThat(tries(effect, drive, 4, 6)).containsExactly(4, 5, 6);
            assertThat(drive.rules().remove("it")).isTrue();
            assertThat(tries(effect, drive, 7, 9)).isEmpty();
        }
    }

    private static List<Integer> struck(Effect effect, String trigger) {
        try (Drive drive = drive()) {
            drive.rules().add(Script.parseRule(effect.rule(trigger)));
            List<Integer> struck = tries(effect, drive, 1, 5);
            assertThat(drive.rules().report("it").orElseThrow().fired()).isEqualTo(struck.size());
            return struck;
        }
    }

    private static List<Integer> tries(Effect effect, Drive drive, int first, int last) {
        List<Integer> struck = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            if (effect.strikes.apply(new Try(drive, i))) {
                struck.add(i);
            }
        }
        return struck;
    }

    private static Drive drive() {
        return Drive.builder().sizeBytes(1 << 20).seed(42).build();
    }
}
