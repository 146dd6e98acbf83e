package io.ublkdisk.disk;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.block.BlockStatus.MEDIUM;
import static io.ublkdisk.block.BlockStatus.OK;
import static io.ublkdisk.disk.DriveTest.sectors;
import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static io.ublkdisk.fault.effect.FailEffect.fail;
import static io.ublkdisk.fault.effect.FlipEffect.flip;
import static io.ublkdisk.fault.effect.HoldEffect.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.disk.Host.OneRequest;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.effect.FailEffect;
import io.ublkdisk.fault.effect.FlipEffect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the drive does with the decisions of its rules; which decisions those are is tested with the rules. */
class DriveFaultTest {
    private final Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build();
    private final Host host = new Host(drive);

    @AfterEach
    void closesWithoutLeaks() {
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    @Test
    void failsTheSectorAndNotItsNeighbours() {
        host.write(0, sectors(24, 7));
        drive.rules().add(Rule.on(Kind.READ).sectors(8, 15).effect(fail(MEDIUM)));

        assertThat(host.send(Operation.READ, 0, 8, 1).status()).isEqualTo(MEDIUM);
        assertThat(host.send(Operation.READ, 0, 0, 24).status()).isEqualTo(MEDIUM);
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 7));
        assertThat(host.read(16, 8)).isEqualTo(sectors(8, 7));
        assertThat(drive.requests().stats().faultsInjected()).isEqualTo(2);
        assertThat(drive.requests().stats().readBytes()).isEqualTo(16 * 512);
    }

    @Test
    void leavesTheDiskAloneWhenAWriteFails() {
        host.write(0, sectors(8, 1));
        drive.rules().add(Rule.on(Kind.WRITE).times(1).effect(fail(IO)));

        assertThat(host.write(0, sectors(8, 2))).isEqualTo(IO);
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 1));
        assertThat(host.write(0, sectors(8, 2))).isEqualTo(OK);
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 2));
    }

    @Test
    void writesTheSectorsBeforeTheOneThatFails() {
        drive.rules().add(Rule.on(Kind.WRITE).effect(new FailEffect(IO, 3)));

        assertThat(host.write(6, sectors(8, 5))).isEqualTo(IO);
        assertThat(host.read(6, 3)).isEqualTo(sectors(3, 5));
        assertThat(host.read(9, 5)).isEqualTo(sectors(5, 0));
    }

    @Test
    void writesWholeBlocksBeforeTheOneThatFails() {
        try (Drive large =
                Drive.builder().sizeBytes(1 << 20).logicalBlockSize(4096).build()) {
            Host sender = new Host(large);
            large.rules().add(Rule.on(Kind.WRITE).effect(new FailEffect(IO, 11)));
            assertThat(sender.write(8, sectors(16, 5))).isEqualTo(IO);
            assertThat(sender.read(8, 8)).isEqualTo(sectors(8, 5));
            assertThat(sender.read(16, 8)).isEqualTo(sectors(8, 0));
        }
    }

    @Test
    void losesWhatAFailedFlushDidNotCover() {
        host.write(0, sectors(1, 1));
        drive.rules().add(Rule.on(Kind.FLUSH).times(1).effect(fail(IO)));

        assertThat(host.flush()).isEqualTo(IO);
        assertThat(drive.cache().unflushed()).hasSize(1);
        assertThat(host.flush()).isEqualTo(OK);
        assertThat(drive.cache().unflushed()).isEmpty();
    }

    @Test
    void delaysByAskingToBeRunLater() {
        drive.rules().add(Rule.on(Kind.READ).sectors(8, 8).effect(delay(Duration.ofMillis(200))));
        host.write(8, sectors(1, 3));

        long before = Clock.nanos();
        OneRequest late = new Host(drive, 1).send(Operation.READ, 0, 8, 1);
        long after = Clock.nanos();
        assertThat(late.isWaiting()).isTrue();
        assertThat(late.dueNanos()).isBetween(before + 200_000_000, after + 200_000_000);
        assertThat(host.read(9, 1)).as("others are not delayed").isEqualTo(sectors(1, 0));

        assertThat(late.goOn().status()).isEqualTo(OK);
        assertThat(late.data().get(0)).isEqualTo((byte) 3);
    }

    @Test
    void failsALateRequestAfterItsDelay() {
        drive.rules().add(Rule.on(Kind.READ).effect(delay(Duration.ofMillis(1))));
        drive.rules().add(Rule.on(Kind.READ).effect(fail(MEDIUM)));

        OneRequest late = host.send(Operation.READ, 0, 0, 1);
        assertThat(late.isWaiting()).isTrue();
        assertThat(late.goOn().status()).isEqualTo(MEDIUM);
        assertThat(drive.requests().stats().faultsInjected()).isEqualTo(2);
    }

    @Test
    void flipsBitsOfWhatIsReadAndKeepsTheRightOnes() {
        host.write(0, sectors(16, 0x55));
        drive.rules().add(Rule.on(Kind.READ).sectors(4, 5).effect(flip(3)).named("rot"));

        byte[] first = host.read(0, 16);
        assertThat(flipped(first, sectors(16, 0x55))).isEqualTo(6);
        assertThat(host.read(0, 16)).as("a reread agrees").isEqualTo(first);
        assertThat(host.read(5, 1)).as("in a request of another length too").isEqualTo(slice(first, 5, 1));
        assertThat(host.read(6, 10)).isEqualTo(sectors(10, 0x55));

        drive.rules().remove("rot");
        assertThat(host.read(0, 16)).as("healed").isEqualTo(sectors(16, 0x55));
    }

    @Test
    void flipsBitsOfWhatIsWrittenForGood() {
        drive.rules()
                .add(Rule.on(Kind.WRITE).sectors(1, 1).effect(new FlipEffect(1)).named("bad-wire"));
        host.write(0, sectors(3, 0));
        drive.rules().clear();

        byte[] read = host.read(0, 3);
        assertThat(flipped(read, sectors(3, 0))).isEqualTo(1);
        assertThat(flipped(slice(read, 1, 1), sectors(1, 0))).isEqualTo(1);
    }

    @Test
    void doesNotFlipWithTheDecisionOfAnEarlierRequest() {
        drive.rules().add(Rule.on(Kind.READ).effect(flip(1)).named("rot"));
        host.read(0, 8);
        drive.rules().clear();
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 0));
    }

    @Test
    void holdsUntilReleased() {
        drive.rules().add(Faults.holdWrites());
        host.send(Operation.WRITE, 0, 0, 1);
        OneRequest parked = new Host(drive, 1).send(Operation.WRITE, 0, 1, 1);
        assertThat(parked.isWaiting()).isFalse();
        assertThat(parked.status()).isNull();

        assertThat(drive.link().releaseHeld()).isEqualTo(2);
        assertThat(parked.goOn().status()).isEqualTo(OK);
        assertThat(drive.link().releaseHeld()).isZero();
    }

    @Test
    void holdsNothingOnceHoldsHaveEnded() {
        drive.rules().add(Faults.holdWrites());
        OneRequest parked = new Host(drive, 1).send(Operation.WRITE, 0, 1, 1);
        drive.link().endHolds();
        assertThat(parked.goOn().status()).isEqualTo(OK);
        assertThat(host.write(0, sectors(1, 1))).isEqualTo(OK);
    }

    @Test
    void letsGoWhatOneRuleHoldsAndFailsWhatAnotherDoes() throws InterruptedException {
        drive.rules().add(Rule.on(Kind.WRITE).effect(hold()).named("w"));
        drive.rules().add(Rule.on(Kind.READ).effect(hold()).named("r"));
        OneRequest write = host.send(Operation.WRITE, 0, 0, 1);
        OneRequest read = new Host(drive, 1).send(Operation.READ, 0, 0, 1);
        assertThat(drive.link().awaitHeld("w", Duration.ofSeconds(10))).isEqualTo(1);
        assertThat(drive.link().awaitHeld("nobody", Duration.ofMillis(20))).isZero();
        assertThat(drive.rules().awaitFired("w", 1, Duration.ofSeconds(10))).isEqualTo(1);
        assertThat(drive.rules().awaitFired("w", 2, Duration.ofMillis(20))).isEqualTo(1);

        assertThat(drive.link().releaseHeld("w")).isEqualTo(1);
        assertThat(write.goOn().status()).isEqualTo(OK);
        assertThat(read.isWaiting()).isFalse();
        assertThat(drive.link().failHeld("r", MEDIUM)).isEqualTo(1);
        assertThat(read.goOn().status()).isEqualTo(MEDIUM);
        assertThat(drive.link().releaseHeld()).isZero();
    }

    @Test
    void tellsTheListenerOfEachFault() {
        List<String> told = new ArrayList<>();
        drive.rules()
                .onFired((rule, request) -> told.add(rule.name() + " " + request.operation() + " " + request.sector()));
        drive.rules().add(Rule.on(Kind.READ).effect(fail(MEDIUM)).named("bad"));
        host.send(Operation.READ, 0, 7, 1);
        assertThat(told).containsExactly("bad READ 7");
    }

    @Test
    void armsNoRuleForSectorsThatItHasNot() {
        List<Rule> rules = List.of(
                Rule.on(Kind.READ).effect(fail(MEDIUM)),
                Rule.on(Kind.READ).sectors(2040, 2048).effect(fail(MEDIUM)).named("late"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> drive.rules().addAll(rules))
                .withMessageContaining("late")
                .withMessageContaining("2047");
        assertThat(drive.rules().table()).isNull();
        assertThat(drive.rules().addAll(rules.subList(0, 1))).containsExactly("rule-1");
    }

    @Test
    void asksNoRulesWhenTheSizeIsWrong() {
        drive.rules().add(Rule.on(Kind.READ).effect(fail(MEDIUM)).named("bad"));
        assertThat(host.send(Operation.READ, 0, 1 << 20, 1).status()).isEqualTo(IO);
        assertThat(drive.requests().stats().faultsInjected()).isZero();
    }

    private static int flipped(byte[] a, byte[] b) {
        BitSet bits = BitSet.valueOf(a);
        bits.xor(BitSet.valueOf(b));
        return bits.cardinality();
    }

    private static byte[] slice(byte[] all, int sector, int sectorCount) {
        return java.util.Arrays.copyOfRange(all, sector * 512, (sector + sectorCount) * 512);
    }
}
