package io.ublkdisk.cache;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.block.BlockStatus.OK;
import static io.ublkdisk.disk.DriveTest.sectors;
import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ublkdisk.block.Operation;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Faults;
import io.ublkdisk.disk.Host;
import io.ublkdisk.disk.Host.OneRequest;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is on the disk after the power went. */
class PowerCutTest {
    private final Drive drive = Drive.builder().sizeBytes(1 << 20).build();
    private final Host host = new Host(drive);

    @AfterEach
    void closesWithoutLeaks() {
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    /** Raw truth: what was forced is there, what was not is gone. */
    @Test
    void losesUnforcedAppendsAndKeepsForcedOnes() {
        for (int seed = 0; seed < 1000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int forced = random.nextInt(1, 20);
            int unforced = random.nextInt(1, 20);
            boolean byFua = random.nextBoolean();
            for (int i = 0; i < forced; i++) {
                assertThat(byFua ? host.writeFua(i, sectors(1, 1)) : host.write(i, sectors(1, 1)))
                        .isEqualTo(OK);
            }
            if (!byFua) {
                host.flush();
            }
            for (int i = 0; i < unforced; i++) {
                host.write(forced + i, sectors(1, 2));
            }
            PowerCut cut = drive.powerCut(SurvivalPolicy.none());
            drive.cache().powerOn();

            assertThat(cut.lost()).hasSize(unforced);
            assertThat(host.read(0, forced)).isEqualTo(sectors(forced, 1));
            assertThat(host.read(forced, unforced)).isEqualTo(sectors(unforced, 0));
            host.discard(0, 2048);
            host.flush();
        }
    }

    @Test
    void keepsAForcedWriteOverAnOlderOneThatSurvives() {
        host.write(0, sectors(8, 1));
        host.writeFua(2, sectors(2, 2));
        for (SurvivalPolicy policy : new SurvivalPolicy[] {SurvivalPolicy.none(), SurvivalPolicy.all()}) {
            try (Drive image = drive.crashImage(policy)) {
                assertThat(new Host(image).read(2, 2)).isEqualTo(sectors(2, 2));
            }
        }
        drive.powerCut(SurvivalPolicy.none());
        drive.cache().powerOn();
        assertThat(host.read(0, 2)).isEqualTo(sectors(2, 0));
    }

    @Test
    void bringsDiscardedSectorsBackThatWereNotFlushed() {
        host.write(0, sectors(24, 1));
        host.flush();
        host.discard(3, 10);
        host.writeZeroes(20, 2);
        assertThat(host.read(3, 10)).isEqualTo(sectors(10, 0));

        drive.powerCut(SurvivalPolicy.none());
        drive.cache().powerOn();
        assertThat(host.read(0, 24)).isEqualTo(sectors(24, 1));
    }

    @Test
    void saysWhatWasLost() {
        host.write(0, sectors(8, 1));
        host.flush();
        host.write(8, sectors(3, 1));
        host.discard(100, 5);
        host.write(20, sectors(1, 1));

        PowerCut cut = drive.powerCut(SurvivalPolicy.only(3));
        assertThat(cut.lost())
                .extracting(Change::toString)
                .containsExactly("#2 write sectors 8..10", "#4 write sectors 20..20");
        assertThat(cut.kept()).extracting(Change::toString).containsExactly("#3 discard sectors 100..104");
        assertThat(cut).hasToString("2 unflushed changes lost, 0 torn, 1 kept");
        assertThat(drive.cache().unflushed()).isEmpty();
    }

    @Test
    void saysThatNothingCouldBeLostWithoutAVolatileCache() {
        try (Drive plain =
                Drive.builder().sizeBytes(1 << 20).volatileCache(false).build()) {
            Host sender = new Host(plain);
            sender.write(0, sectors(1, 1));
            assertThat(plain.powerCut(SurvivalPolicy.none())).asString().contains("nothing could be lost");
            plain.cache().powerOn();
            assertThat(sender.read(0, 1)).isEqualTo(sectors(1, 1));
        }
    }

    @Test
    void failsEverythingUntilThePowerIsBack() {
        drive.powerCut(SurvivalPolicy.none());
        assertThat(drive.requests().stats().poweredOn()).isFalse();
        assertThat(host.write(0, sectors(1, 1))).isEqualTo(IO);
        assertThat(host.send(Operation.READ, 0, 0, 1).status()).isEqualTo(IO);
        assertThat(host.flush()).isEqualTo(IO);
        assertThat(host.discard(0, 1)).isEqualTo(IO);
        assertThat(host.writeZeroes(0, 1)).isEqualTo(IO);
        assertThatIllegalStateException()
                .isThrownBy(() -> drive.powerCut(SurvivalPolicy.none()))
                .withMessageContaining("powerOn()");

        assertThat(drive.cache().powerOn()).isTrue();
        assertThat(drive.cache().powerOn()).isFalse();
        assertThat(host.write(0, sectors(1, 1))).isEqualTo(OK);
    }

    @Test
    void neverServesARequestFromBeforeTheCut() {
        drive.rules().add(Rule.on(Kind.WRITE).effect(delay(Duration.ofMillis(1))));
        OneRequest late = host.send(Operation.WRITE, 0, 0, 1);
        drive.powerCut(SurvivalPolicy.all());
        OneRequest arrivedWithoutPower = new Host(drive).send(Operation.WRITE, 0, 0, 1);
        drive.cache().powerOn();

        assertThat(arrivedWithoutPower.status()).isEqualTo(IO);
        assertThat(late.goOn().status()).isEqualTo(IO);
        assertThat(drive.cache().unflushed()).isEmpty();
    }

    @Test
    void letsHeldRequestsGoToFail() {
        drive.rules().add(Faults.holdWrites());
        OneRequest parked = host.send(Operation.WRITE, 0, 0, 1);
        drive.powerCut(SurvivalPolicy.all());
        assertThat(parked.isWaiting()).isTrue();
        assertThat(parked.goOn().status()).isEqualTo(IO);
    }

    @Test
    void holdsNoRequestThatTheCutOvertook() {
        drive.rules().add(Faults.holdWritesAfter(() -> drive.powerCut(SurvivalPolicy.all())));
        OneRequest overtaken = host.send(Operation.WRITE, 0, 0, 1);
        assertThat(overtaken.isWaiting()).isTrue();
        assertThat(overtaken.goOn().status()).isEqualTo(IO);
    }

    @Test
    void asksNoRulesWithoutPower() {
        drive.rules().add(Rule.on(Kind.READ).effect(delay(Duration.ofMillis(1))));
        drive.powerCut(SurvivalPolicy.none());
        assertThat(host.send(Operation.READ, 0, 0, 1).status()).isEqualTo(IO);
        assertThat(drive.requests().stats().faultsInjected()).isZero();
    }

    @Test
    void tearsAWriteBetweenSectorsLeavingWhatWasAskedFor() {
        host.write(4, sectors(8, 1));
        host.flush();
        host.write(4, sectors(8, 2));

        for (WriteOutcome.Rest rest : WriteOutcome.Rest.values()) {
            for (SurvivalPolicy.Tear tear : SurvivalPolicy.Tear.values()) {
                for (int seed = 0; seed < 20; seed++) {
                    SurvivalPolicy policy = SurvivalPolicy.all().torn(1, tear, rest, seed);
                    try (Drive image = drive.crashImage(policy)) {
                        checkTear(new Host(image), tear, rest);
                    }
                }
            }
        }
        assertThat(host.read(4, 8)).as("this one goes on").isEqualTo(sectors(8, 2));
    }

    private static void checkTear(Host image, SurvivalPolicy.Tear tear, WriteOutcome.Rest rest) {
        StringBuilder kept = new StringBuilder();
        for (int sector = 4; sector < 12; sector++) {
            byte[] read = image.read(sector, 1);
            boolean isNew = java.util.Arrays.equals(read, sectors(1, 2));
            kept.append(isNew ? '1' : '0');
            if (!isNew && rest == WriteOutcome.Rest.OLD) {
                assertThat(read).isEqualTo(sectors(1, 1));
            } else if (!isNew && rest == WriteOutcome.Rest.ZEROES) {
                assertThat(read).isEqualTo(sectors(1, 0));
            } else if (!isNew) {
                assertThat(read).isNotEqualTo(sectors(1, 1)).isNotEqualTo(sectors(1, 0));
            }
        }
        assertThat(kept.toString())
                .matches(
                        switch (tear) {
                            case LEFT -> "1*0+";
                            case RIGHT -> "0+1*";
                            case SUBSET -> "[01]+";
                        });
        assertThat(image.read(0, 4)).isEqualTo(sectors(4, 0));
        assertThat(image.read(12, 4)).isEqualTo(sectors(4, 0));
    }

    /** A drive whose own sectors are 4 KiB, though it speaks of 512 bytes, tears between those wherever the write begins. */
    @Test
    void tearsOnlyBetweenWhatIsWrittenWholly() {
        host.write(4, sectors(24, 2));
        Set<String> seen = new HashSet<>();
        for (SurvivalPolicy.Tear tear : SurvivalPolicy.Tear.values()) {
            for (int seed = 0; seed < 40; seed++) {
                try (Drive image =
                        drive.crashImage(SurvivalPolicy.all().torn(1, tear, WriteOutcome.Rest.OLD, seed, 8))) {
                    StringBuilder kept = new StringBuilder();
                    for (int sector = 4; sector < 28; sector++) {
                        kept.append(new Host(image).read(sector, 1)[0] == 2 ? '1' : '0');
                    }
                    seen.add(kept.toString());
                }
            }
        }
        assertThat(seen)
                .allMatch(kept -> kept.matches("(0{4}|1{4})(0{8}|1{8})(0{8}|1{8})(0{4}|1{4})"))
                .contains(
                        "1".repeat(4) + "0".repeat(20), "0".repeat(20) + "1".repeat(4), "1".repeat(20) + "0".repeat(4));
    }

    /** A drive of blocks of 4 KiB writes each of them wholly or not at all, in every kind of tear. */
    @Test
    void tearsOnlyBetweenLogicalBlocks() {
        Set<String> seen = new HashSet<>();
        try (Drive large =
                Drive.builder().sizeBytes(1 << 20).logicalBlockSize(4096).build()) {
            new Host(large).write(8, sectors(32, 2));
            new Host(large).write(64, sectors(8, 2));
            for (SurvivalPolicy.Tear tear : SurvivalPolicy.Tear.values()) {
                for (int seed = 0; seed < 20; seed++) {
                    try (Drive image =
                            large.crashImage(SurvivalPolicy.all().torn(1, tear, WriteOutcome.Rest.OLD, seed))) {
                        Host left = new Host(image);
                        StringBuilder blocks = new StringBuilder();
                        for (int block = 1; block <= 4; block++) {
                            byte[] read = left.read(block * 8, 8);
                            blocks.append(read[0]);
                            assertThat(read).isEqualTo(sectors(8, read[0]));
                        }
                        seen.add(tear + " " + blocks);
                        assertThat(left.read(64, 8)).as("one block is not torn").isEqualTo(sectors(8, 2));
                    }
                }
            }
        }
        assertThat(seen)
                .contains("LEFT 2220", "LEFT 2000", "RIGHT 0222", "RIGHT 0002")
                .doesNotContain("LEFT 2222", "RIGHT 2222")
                .anyMatch(tear -> tear.matches("SUBSET .*02.*20?.*"));
    }

    /** Byte-identical for the same seed, in drives with different pasts. */
    @Test
    void leavesTheSameImageForTheSameSeed() throws Exception {
        Set<String> images = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            String first = imageAfter(seed, 0);
            assertThat(imageAfter(seed, 5)).isEqualTo(first);
            images.add(first);
        }
        assertThat(images).hasSize(20);
    }

    private static String imageAfter(int seed, int flushedBefore) throws Exception {
        try (Drive fresh = Drive.builder().sizeBytes(1 << 20).build()) {
            Host sender = new Host(fresh);
            for (int i = 0; i < flushedBefore; i++) {
                sender.write(0, sectors(1, 0));
            }
            sender.flush();
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 1; i <= 100; i++) {
                sender.write(random.nextInt(2000), sectors(random.nextInt(1, 40), i));
            }
            fresh.powerCut(SurvivalPolicy.random(0.5, seed)
                    .torn(0.5, SurvivalPolicy.Tear.SUBSET, WriteOutcome.Rest.GARBAGE, seed));
            fresh.cache().powerOn();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(sender.readAll()));
        }
    }

    @Test
    void forksACrashImageThatLivesByItself() {
        host.write(0, sectors(8, 1));
        host.flush();
        host.write(0, sectors(8, 2));
        Drive image = drive.crashImage(SurvivalPolicy.none());
        Host imageHost = new Host(image);

        imageHost.write(8, sectors(8, 3));
        host.write(0, sectors(8, 4));
        drive.powerCut(SurvivalPolicy.all());
        assertThat(imageHost.read(0, 16)).startsWith(sectors(8, 1)).endsWith(sectors(8, 3));
        drive.close();
        assertThat(imageHost.read(0, 8)).isEqualTo(sectors(8, 1));
        image.close();
    }

    @Test
    void givesUpNoPagesWhenTheChoiceOfSurvivorsFails() {
        host.write(0, sectors(16, 1));
        host.write(8, sectors(16, 1));
        long used = drive.pool().usedPages();
        SurvivalPolicy broken = change -> {
            if (change.position() == 2) {
                throw new ArithmeticException();
            }
            return WriteOutcome.WHOLE;
        };
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> drive.powerCut(broken))
                .isInstanceOf(ArithmeticException.class);
        assertThat(drive.cache().isPowered()).isTrue();
        assertThat(drive.cache().unflushed()).hasSize(2);
        assertThat(drive.pool().usedPages()).isEqualTo(used);
    }

    @Test
    void refusesProbabilitiesThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SurvivalPolicy.random(1.5, 1))
                .withMessageContaining("1.5");
        assertThatIllegalArgumentException().isThrownBy(() -> SurvivalPolicy.random(Double.NaN, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SurvivalPolicy.all().torn(-0.1, SurvivalPolicy.Tear.LEFT, WriteOutcome.Rest.OLD, 1));
    }
}
