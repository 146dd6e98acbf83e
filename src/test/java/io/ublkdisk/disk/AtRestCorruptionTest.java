package io.ublkdisk.disk;

import static io.ublkdisk.block.BlockStatus.OK;
import static io.ublkdisk.disk.DriveTest.sectors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.media.CorruptionPattern;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes damaged where they lie. */
class AtRestCorruptionTest {
    private final Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build();
    private final Host host = new Host(drive);

    @AfterEach
    void closesWithoutLeaks() {
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void changesBytesOfTheRangeAndNoOthers(CorruptionPattern pattern) {
        host.write(0, sectors(64, 1));
        host.flush();
        String told = new AtRestCorruption(drive).damage(1000, 3000, pattern, 7);
        byte[] now = host.read(0, 64);
        int changed = 0;
        for (int i = 0; i < now.length; i++) {
            if (now[i] != 1) {
                assertThat(i).isBetween(1000, 3999);
                changed++;
            }
        }
        assertThat(changed).isEqualTo(pattern == CorruptionPattern.FLIP ? 7 : 3000);
        assertThat(told).endsWith(changed + " bytes in all").startsWith("sector 1 byte ");
        assertThat(drive.cache().unflushed()).isEmpty();
    }

    @Test
    void flipsOneBitOfEachSectorByTheSeedAlone() {
        new AtRestCorruption(drive).damage(0, 1 << 20, CorruptionPattern.FLIP, 7);
        byte[] once = host.readAll();
        BitSet places = new BitSet();
        for (int sector = 0; sector < 2048; sector++) {
            byte[] one = Arrays.copyOfRange(once, sector * 512, sector * 512 + 512);
            assertThat(BitSet.valueOf(one).cardinality()).isEqualTo(1);
            places.or(BitSet.valueOf(one));
        }
        assertThat(places.cardinality()).as("not the same in each").isGreaterThan(1000);
        new AtRestCorruption(drive).damage(0, 1 << 20, CorruptionPattern.FLIP, 7);
        assertThat(host.readAll()).as("turned back by the same seed").isEqualTo(new byte[1 << 20]);
        new AtRestCorruption(drive).damage(0, 1 << 20, CorruptionPattern.FLIP, 8);
        assertThat(host.readAll()).isNotEqualTo(once);
    }

    @Test
    void staysAfterAFlushAndAPowerCutThatLosesWhatIsAroundIt() {
        host.write(0, sectors(8, 1));
        host.flush();
        host.write(0, sectors(2, 2));
        new AtRestCorruption(drive).damage(3 * 512, 1, CorruptionPattern.ZERO, 7);
        host.write(4, sectors(2, 3));
        byte[] flushed = sectors(8, 1);
        flushed[3 * 512] = 0;
        Drive image = drive.crashImage(SurvivalPolicy.none());
        assertThat(new Host(image).read(0, 8)).isEqualTo(flushed);
        image.close();

        host.flush();
        Arrays.fill(flushed, 0, 2 * 512, (byte) 2);
        Arrays.fill(flushed, 4 * 512, 6 * 512, (byte) 3);
        assertThat(host.read(0, 8)).isEqualTo(flushed);
        drive.powerCut(SurvivalPolicy.none());
        drive.cache().powerOn();
        assertThat(host.read(0, 8)).isEqualTo(flushed);
        assertThat(host.write(3, sectors(1, 4))).as("a write heals it").isEqualTo(OK);
        assertThat(host.read(3, 1)).isEqualTo(sectors(1, 4));
    }

    @Test
    void isThereAlsoWithoutPowerAndRewindTakesItAway() {
        host.write(0, sectors(8, 1));
        Snapshot before = drive.snapshot();
        drive.powerCut(SurvivalPolicy.all());
        new AtRestCorruption(drive).damage(0, 4096, CorruptionPattern.GARBAGE, 7);
        drive.cache().powerOn();
        assertThat(host.read(0, 8)).isNotEqualTo(sectors(8, 1));
        drive.rewind(before);
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 1));
        before.close();
    }

    @Test
    void refusesWhatIsNotOnTheDisk() {
        for (long[] range : new long[][] {{-1, 1}, {0, 0}, {1 << 20, 1}, {1, 1 << 20}, {5, Long.MAX_VALUE}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new AtRestCorruption(drive).damage(range[0], range[1], CorruptionPattern.ZERO, 1))
                    .withMessageContaining("1048575");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CorruptionPattern.named("fire"))
                .withMessageContaining("flip, zero or garbage");
        assertThat(new AtRestCorruption(drive).damage(0, 512, CorruptionPattern.ZERO, 1))
                .isEqualTo("0 bytes in all: they were that already");
    }

    @Test
    void losesNoWriteThatComesAtTheSameTime() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> damaging = CompletableFuture.runAsync(() -> {
            while (!done.get()) {
                new AtRestCorruption(drive).damage(0, 512, CorruptionPattern.FLIP, 7);
            }
        });
        for (int i = 0; i < 20_000; i++) {
            host.write(1, sectors(7, i));
            assertThat(host.read(1, 7)).isEqualTo(sectors(7, i));
        }
        done.set(true);
        damaging.get(30, TimeUnit.SECONDS);
    }
}
