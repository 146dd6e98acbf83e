package io.ublkdisk.disk;

import static io.ublkdisk.disk.DriveTest.sectors;
import static io.ublkdisk.fault.effect.HoldEffect.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ublkdisk.cache.Change;
import io.ublkdisk.cache.PowerCut;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.cache.WriteOutcome;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A run that is kept, and the disks that a crash in it could have left. */
class RecordingTest {
    private static final int SECTORS = 128;
    private static final Sample EVERYTHING = new Sample(1 << 14, false, 0);

    private final Drive drive = Drive.builder().sizeBytes(SECTORS * 512).build();
    private final Host host = new Host(drive);

    @AfterEach
    void closesWithoutLeaks() {
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    private static byte[] image(Recording recording, CrashState state) {
        try (Snapshot snapshot = recording.image(state);
                Drive disk = Drive.builder().from(snapshot).build()) {
            return new Host(disk).readAll();
        }
    }

    private static List<String> ids(Recording recording, Sample sample) {
        return recording.states(sample).map(CrashState::id).toList();
    }

    @Test
    void knowsEpochsChangesAndMarks() {
        host.write(0, sectors(1, 1));
        host.flush();
        host.write(1, sectors(1, 1));
        try (Recording recording = drive.record()) {
            recording.mark("begun");
            host.write(2, sectors(2, 2));
            host.flush();
            host.flush();
            recording.mark("flushed");
            host.writeFua(4, sectors(1, 3));
            host.discard(0, 1);
            recording.mark("discarded");
            recording.stop();
            host.write(9, sectors(1, 9));
            recording.mark("too late");

            assertThat(recording.epochCount()).isEqualTo(2);
            assertThat(recording.changeCount()).isEqualTo(4);
            assertThat(recording.epoch(0).changes())
                    .extracting(Object::toString)
                    .containsExactly("#1 write sectors 1..1", "#2 write sectors 2..3");
            assertThat(recording.epoch(1).changes())
                    .extracting(Object::toString)
                    .containsExactly("#3 write sectors 4..4 fua", "#4 discard sectors 0..0");
            assertThat(recording.marks(recording.state("e0:none"))).containsExactly("begun");
            assertThat(recording.marks(recording.state("e1:none"))).containsExactly("begun", "flushed");
            assertThat(recording.marks(recording.state("e1:upto-3"))).containsExactly("begun", "flushed", "discarded");
            assertThat(recording.endedBy()).isEmpty();
        }
    }

    @Test
    void makesTheDiskOfAState() {
        host.write(0, sectors(8, 1));
        host.flush();
        try (Recording recording = drive.record()) {
            host.write(0, sectors(8, 2));
            host.write(4, sectors(8, 3));
            recording.stop();
            byte[] torn = image(recording, recording.state("e0:all,t2>7"));
            assertThat(Arrays.copyOfRange(torn, 0, 5 * 512)).isEqualTo(sectors(5, 2));
            assertThat(Arrays.copyOfRange(torn, 5 * 512, 12 * 512)).isEqualTo(sectors(7, 3));
            assertThat(Arrays.copyOf(image(recording, recording.state("e0:only-2")), 4 * 512))
                    .isEqualTo(sectors(4, 1));
        }
    }

    /** Two writes of the same bytes are one, and so is what a later write hides; but not where a mark was passed between. */
    @Test
    void leavesOutEqualImages() {
        try (Recording recording = drive.record()) {
            host.write(0, sectors(8, 1));
            host.write(0, sectors(8, 1));
            recording.stop();
            assertThat(ids(recording, EVERYTHING)).containsExactly("e0:all", "e0:none");
        }
        host.flush();
        try (Recording recording = drive.record()) {
            host.write(0, sectors(8, 0));
            host.flush();
            host.write(3, sectors(1, 0));
            host.discard(0, 8);
            recording.stop();
            assertThat(ids(recording, EVERYTHING)).as("zeroes are zeroes").containsExactly("e0:all", "e0:none");
        }
        host.flush();
        try (Recording recording = drive.record()) {
            host.write(0, sectors(8, 5));
            host.flush();
            recording.mark("promised");
            recording.stop();
            assertThat(ids(recording, EVERYTHING)).containsExactly("e0:all", "e0:none", "e1:all");
        }
    }

    @Test
    void knowsWhichStatesAreTheStart() {
        host.write(0, sectors(1, 1));
        host.flush();
        host.write(1, sectors(1, 1));
        try (Recording recording = drive.record()) {
            assertThat(recording.changesBefore()).isEqualTo(1);
            host.write(2, sectors(1, 2));
            host.flush();
            host.discard(1, 2);
            host.flush();
            recording.mark("as it began");
            recording.stop();
            assertThat(recording.changeCount()).isEqualTo(3);
            assertThat(recording
                            .sampled(EVERYTHING)
                            .filter(Recording.Sampled::equalsStart)
                            .map(state -> state.state().id()))
                    .containsExactly("e0:none", "e2:all");
        }
    }

    /** Every disk that a power cut leaves at some moment of a run is a state of its recording, and every state is such a disk. */
    @Test
    void hasEveryDiskThatACutCouldLeaveAndNoOther() {
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            host.discard(0, SECTORS);
            host.write(random.nextInt(64), sectors(20, 200));
            host.flush();
            Map<String, String> possible = new HashMap<>();
            try (Recording recording = drive.record()) {
                addAllCuts(possible);
                for (int i = 0; i < 12; i++) {
                    act(random, i);
                    addAllCuts(possible);
                }
                recording.stop();
                Map<String, String> states = new HashMap<>();
                recording
                        .states(EVERYTHING)
                        .forEach(state -> states.put(Arrays.hashCode(image(recording, state)) + "", state.id()));
                assertThat(states.keySet()).as("seed %d: %s", seed, states).isEqualTo(possible.keySet());
            }
        }
    }

    private void act(SplittableRandom random, int value) {
        long sector = random.nextInt(SECTORS - 16);
        switch (random.nextInt(8)) {
            case 0, 1 -> host.flush();
            case 2 -> host.writeFua(sector, sectors(random.nextInt(1, 16), value + 1));
            case 3 -> host.discard(sector, random.nextInt(1, 16));
            default -> host.write(sector, sectors(random.nextInt(1, 16), value + 1));
        }
    }

    private void addAllCuts(Map<String, String> possible) {
        List<Change> unflushed = drive.cache().unflushed();
        for (int bits = 0; bits < 1 << unflushed.size(); bits++) {
            int survivors = bits;
            try (Drive image = drive.crashImage(
                    change -> (survivors >> change.position() - 1 & 1) == 0 ? WriteOutcome.LOST : WriteOutcome.WHOLE)) {
                possible.put(Arrays.hashCode(new Host(image).readAll()) + "", unflushed + " " + bits);
            }
        }
    }

    @Test
    void knowsWhatALyingFlushDidNotDo() {
        drive.rules()
                .addAll(Script.parse("rule liar: on flush lie about sectors 0..7", "test")
                        .rules());
        try (Recording recording = drive.record()) {
            host.write(0, sectors(1, 1));
            host.write(8, sectors(1, 2));
            host.flush();
            host.write(9, sectors(1, 3));
            recording.stop();
            Epoch only = recording.epoch(0);
            assertThat(recording.epochCount()).isEqualTo(1);
            assertThat(only.changes().get(0).forcedAt()).isEqualTo(Long.MAX_VALUE);
            assertThat(only.changes().get(1).forcedAt()).isEqualTo(3);
            assertThat(image(recording, recording.state("e0:only-2..3"))[0]).isZero();
            assertThatIllegalArgumentException().isThrownBy(() -> recording.state("e0:only-3"));
        }
    }

    @Test
    void isInOrderOnADiskWithoutAVolatileCache() {
        try (Drive plain = Drive.builder()
                        .sizeBytes(SECTORS * 512)
                        .volatileCache(false)
                        .build();
                Recording recording = plain.record()) {
            Host sender = new Host(plain);
            for (int i = 1; i <= 3; i++) {
                sender.write(i, sectors(1, i));
            }
            recording.stop();
            assertThat(ids(recording, EVERYTHING))
                    .containsExactlyInAnyOrder("e0:all", "e0:none", "e0:upto-1", "e0:upto-2");
        }
    }

    @Test
    void endsWhenTheContentsAreExchanged() {
        try (Recording recording = drive.record()) {
            host.write(0, sectors(1, 1));
            drive.powerCut(SurvivalPolicy.none());
            drive.cache().powerOn();
            host.write(1, sectors(1, 1));
            recording.stop();
            assertThat(recording.endedBy()).contains("power cut");
            assertThat(recording.changeCount()).isEqualTo(1);
        }
    }

    @Test
    void thereMayBeSeveral() {
        try (Recording first = drive.record()) {
            host.write(0, sectors(1, 1));
            Recording second = drive.record();
            host.write(0, sectors(1, 2));
            second.stop();
            second.close();
            host.write(0, sectors(1, 3));
            first.stop();
            assertThat(second.changeCount()).isEqualTo(2); // the first was not flushed
            assertThat(first.changeCount()).isEqualTo(3);
            assertThat(first.endedBy()).isEmpty();
        }
    }

    @Test
    void refusesWhatItCannotAnswer() {
        Recording recording = drive.record();
        assertThatIllegalStateException().isThrownBy(() -> recording.epoch(0)).withMessageContaining("stop it");
        recording.stop();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> recording.epoch(1))
                .withMessageContaining("0 to 0");
        assertThatIllegalArgumentException().isThrownBy(() -> recording.state("all"));
        assertThatIllegalArgumentException().isThrownBy(() -> recording.state("e7:all"));
        recording.close();
        recording.close();
        assertThatIllegalStateException().isThrownBy(() -> recording.epoch(0)).withMessageContaining("closed");
    }

    /** What a state costs is what the run wrote, and not what the disk holds: a pebibyte is no slower than a mebibyte. */
    @Test
    void doesNotLookAtTheWholeDisk() {
        try (Drive large = Drive.builder().sizeBytes(1L << 50).build();
                Recording recording = large.record()) {
            Host sender = new Host(large);
            for (int i = 0; i < 100; i++) {
                sender.write(i * 1_000_003L * 8, sectors(8, i % 200 + 1));
                if (i % 10 == 9) {
                    sender.flush();
                }
            }
            recording.stop();
            assertThat(recording.states(new Sample(50, true, 0)).count()).isGreaterThan(450);
            assertThat(recording.dataBytes()).isEqualTo(100 * 4096);
        }
    }

    /** In flight at the cut: delayed by a rule, so nobody was told that it is done. */
    @Test
    void halfAWriteInFlightMaySurviveACut() {
        host.write(0, sectors(8, 1));
        host.flush();
        Rules rules = drive.rules();
        rules.add(Rule.on(Kind.WRITE).effect(hold()));
        boolean[] seen = new boolean[3];
        for (int seed = 0; seed < 40; seed++) {
            Host other = new Host(drive);
            Host.OneRequest held = other.hold(0, sectors(8, 2));
            SurvivalPolicy half =
                    SurvivalPolicy.random(0.5, seed).torn(0.5, SurvivalPolicy.Tear.LEFT, WriteOutcome.Rest.OLD, seed);
            byte[] forked;
            try (Drive image = drive.crashImage(half)) {
                forked = new Host(image).read(0, 8);
            }
            PowerCut cut = drive.powerCut(half);
            assertThat(held.goOn().status()).isEqualTo(io.ublkdisk.block.BlockStatus.IO);
            drive.cache().powerOn();
            byte[] left = host.read(0, 8);
            assertThat(left).isEqualTo(forked);
            int fate = cut.kept().isEmpty() ? cut.torn().isEmpty() ? 0 : 1 : 2;
            seen[fate] = true;
            assertThat(cut.lost()).as("nobody was promised anything").isEmpty();
            if (fate == 0) {
                assertThat(left).isEqualTo(sectors(8, 1));
            } else if (fate == 2) {
                assertThat(left).isEqualTo(sectors(8, 2));
                assertThat(cut.kept().get(0).toString()).endsWith("in flight");
            } else {
                assertThat(left).isNotEqualTo(sectors(8, 2));
            }
            rules.clear();
            host.write(0, sectors(8, 1));
            host.flush();
            rules.add(Rule.on(Kind.WRITE).effect(hold()));
        }
        assertThat(seen).containsOnly(true);
        rules.clear();
    }
}
