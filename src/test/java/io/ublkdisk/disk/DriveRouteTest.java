package io.ublkdisk.disk;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.block.BlockStatus.OK;
import static io.ublkdisk.disk.DriveTest.sectors;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.Operation;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.script.Script;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sectors that go astray: where exactly, what is left alone, what is there after the rule has gone. */
class DriveRouteTest {
    private static final int LAST = 2047;
    private final Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build();
    private final Host host = new Host(drive);

    @AfterEach
    void closesWithoutLeaks() {
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    @Test
    void losesTheSectorsOfTheRuleAndNoOthers() {
        arm("on write sectors 10..11 lose");
        assertThat(host.write(8, sectors(8, 5))).isEqualTo(OK);
        assertThat(host.read(8, 8)).isEqualTo(pattern(5, 5, 0, 0, 5, 5, 5, 5));
        assertThat(drive.cache().unflushed())
                .hasSize(2)
                .extracting(c -> c.sectors().toString())
                .hasSize(2);
        host.flush();
        drive.powerCut(SurvivalPolicy.none());
        drive.cache().powerOn();
        assertThat(host.read(8, 8)).isEqualTo(pattern(5, 5, 0, 0, 5, 5, 5, 5));
    }

    /** A lost write never was: nothing of it is unflushed, and nothing of it comes back. */
    @Test
    void keepsTheOldBytesOfALostWriteForGood() {
        host.write(8, sectors(8, 1));
        arm("on write lose");
        host.writeFua(8, sectors(8, 2));
        host.writeZeroes(8, 8); // no write
        host.write(8, sectors(8, 3));
        drive.rules().clear();
        assertThat(host.read(8, 8)).isEqualTo(sectors(8, 0));
        assertThat(drive.cache().unflushed()).hasSize(2);
    }

    @Test
    void failsALostWriteWhosePowerWentWhileItWaited() {
        arm("on write delay 1s");
        arm("on write lose");
        host.send(Operation.WRITE, 0, 8, 8);
        Host.OneRequest late = new Host(drive, 1).send(Operation.WRITE, 0, 16, 8);
        drive.powerCut(SurvivalPolicy.none());
        drive.cache().powerOn();
        assertThat(late.goOn().status()).isEqualTo(IO);
    }

    @Test
    void tearsByPlacesInTheWrite() {
        host.write(6, sectors(8, 9));
        arm("rule torn: on write tear keep sectors 0,2..3 rest garbage");
        host.write(6, sectors(8, 5));
        byte[] first = host.read(6, 8);
        assertThat(slice(first, 0, 1)).isEqualTo(sectors(1, 5));
        assertThat(slice(first, 2, 2)).isEqualTo(sectors(2, 5));
        for (int i : new int[] {1, 4, 5, 6, 7}) {
            assertThat(slice(first, i, 1)).isNotEqualTo(sectors(1, 5)).isNotEqualTo(sectors(1, 9));
        }
        host.write(6, sectors(8, 5));
        assertThat(host.read(6, 8)).as("the same garbage for the same sectors").isEqualTo(first);
        host.write(6, sectors(1, 7));
        assertThat(drive.rules().report("torn").orElseThrow().matched())
                .as("a write of which all is kept is none of its")
                .isEqualTo(2);
    }

    @Test
    void misdirectsWhatHitsTheEdgesOfTheDisk() {
        host.write(LAST - 7, sectors(8, 1));
        host.write(0, sectors(8, 2));
        arm("rule far: on write misdirect by 4");
        host.write(LAST - 7, sectors(8, 3));
        drive.rules().clear();
        assertThat(host.read(LAST - 7, 8)).isEqualTo(pattern(1, 1, 1, 1, 3, 3, 3, 3));
        arm("rule near: on read misdirect by -4");
        assertThat(host.read(0, 8)).isEqualTo(pattern(0, 0, 0, 0, 2, 2, 2, 2));
        assertThat(host.read(4, 8)).isEqualTo(pattern(2, 2, 2, 2, 2, 2, 2, 2));
        drive.rules().clear();
        assertThat(host.read(0, 8)).as("a misdirected read has changed nothing").isEqualTo(sectors(8, 2));
    }

    @Test
    void answersEachSectorWithWhatItHadBefore() {
        host.write(0, sectors(8, 1));
        arm("rule old: on read stale");
        assertThat(host.read(0, 8)).as("not changed since").isEqualTo(sectors(8, 1));
        host.write(2, sectors(2, 2));
        host.write(3, sectors(3, 3));
        host.discard(7, 1);
        assertThat(host.read(0, 8)).isEqualTo(pattern(1, 1, 1, 2, 1, 1, 1, 1));
        host.write(8, sectors(1, 4));
        assertThat(host.read(8, 1)).as("changed once").isEqualTo(sectors(1, 0));
        drive.rules().clear();
        assertThat(host.read(0, 9)).isEqualTo(pattern(1, 1, 2, 3, 3, 3, 1, 0, 4));
    }

    @Test
    void beginsAnewToBeStaleWhenThePowerWent() {
        arm("rule old: on read stale");
        host.write(0, sectors(8, 1));
        host.flush();
        host.write(0, sectors(8, 2));
        drive.powerCut(SurvivalPolicy.none());
        drive.cache().powerOn();
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 1));
        host.write(0, sectors(8, 3));
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 1));
    }

    @Test
    void isStaleWhereAMisdirectedReadComesFrom() {
        arm("on read sectors 8..15 stale");
        arm("on read nth 1 misdirect by 8");
        host.write(16, sectors(8, 1));
        host.write(16, sectors(8, 2));
        assertThat(host.read(8, 8)).isEqualTo(sectors(8, 1));
    }

    private void arm(String rule) {
        drive.rules().add(Script.parseRule(rule));
    }

    private static byte[] pattern(int... contents) {
        byte[] bytes = new byte[contents.length * 512];
        for (int i = 0; i < contents.length; i++) {
            Arrays.fill(bytes, i * 512, (i + 1) * 512, (byte) contents[i]);
        }
        return bytes;
    }

    private static byte[] slice(byte[] all, int sector, int sectorCount) {
        return Arrays.copyOfRange(all, sector * 512, (sector + sectorCount) * 512);
    }
}
