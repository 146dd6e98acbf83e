package io.ublkdisk.disk;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.block.BlockStatus.OK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.cache.PowerCut;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.media.OutOfPagesException;
import io.ublkdisk.media.PagePool;
import java.util.Arrays;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

public class DriveTest {
    private final Drive drive = Drive.builder().sizeBytes(1 << 20).build();
    private final Host host = new Host(drive);

    @AfterEach
    void closesWithoutLeaks() {
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    @Test
    void countsWhatItIsAskedAndWhatItMoves() {
        host.write(0, sectors(8, 1));
        host.writeFua(8, sectors(16, 2));
        host.read(4, 3);
        host.discard(100, 50);
        host.writeZeroes(200, 50);
        host.send(Operation.READ, 0, 5000, 1);

        assertThat(drive.requests().stats())
                .isEqualTo(new DriveStats(2, 2, 0, 1, 1, 1, 3 * 512, 24 * 512, 3, 8 * 512, 0, true));
        host.flush();
        assertThat(drive.requests().stats())
                .isEqualTo(new DriveStats(2, 2, 1, 1, 1, 1, 3 * 512, 24 * 512, 0, 0, 0, true));
    }

    @Test
    void failsWhatIsPastTheEndOrNotWholeBlocks() {
        assertThat(host.write(2047, sectors(1, 1))).isEqualTo(OK);
        assertThat(host.write(2047, sectors(2, 1))).isEqualTo(IO);
        assertThat(host.discard(2048, 1)).isEqualTo(IO);
        assertThat(host.discard(0, Integer.MAX_VALUE)).isEqualTo(IO);
        assertThat(host.writeZeroes(Long.MAX_VALUE, 2)).isEqualTo(IO);
        assertThat(host.send(Operation.READ, 0, -1, 1).status()).isEqualTo(IO);
        assertThat(host.send(Operation.READ, 0, 0, 0).status()).isEqualTo(IO);

        try (Drive large =
                Drive.builder().sizeBytes(1 << 20).logicalBlockSize(4096).build()) {
            Host sender = new Host(large);
            assertThat(sender.write(4, sectors(8, 1))).isEqualTo(IO);
            assertThat(sender.write(8, sectors(7, 1))).isEqualTo(IO);
            assertThat(sender.write(8, sectors(8, 1))).isEqualTo(OK);
        }
    }

    @Test
    void refusesToBeADriveThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drive.builder().sizeBytes(1000).build())
                .withMessage("size 1000 bytes: write a positive multiple of the logical block size, 512 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drive.builder().build())
                .withMessageContaining("size 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drive.builder().sizeBytes(-512).build())
                .withMessageContaining("-512");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Drive.builder().sizeBytes(8192).logicalBlockSize(1536).build())
                .withMessageContaining("1536");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drive.builder().sizeBytes(8192).cacheBytes(-1).build())
                .withMessageContaining("-1");
    }

    @Test
    void flushCoversWhatWasThereWhenItArrivedAndNothingElse() {
        drive.rules().add(Faults.delayFlush());
        host.write(0, sectors(1, 1));
        Host.OneRequest flush = new Host(drive, 1).send(Operation.FLUSH, 0, 0, 0);
        host.write(1, sectors(1, 2));
        assertThat(flush.isWaiting()).isTrue();
        flush.goOn();

        assertThat(flush.status()).isEqualTo(OK);
        assertThat(drive.cache().unflushed())
                .singleElement()
                .satisfies(change -> assertThat(change.sectors().first()).isEqualTo(1));
    }

    @Test
    void writesTheOldestBackWhenTheCacheIsFull() {
        try (Drive small =
                Drive.builder().sizeBytes(1 << 20).cacheBytes(3 * 4096).build()) {
            Host sender = new Host(small);
            for (int i = 0; i < 5; i++) {
                sender.write(i * 8, sectors(8, i + 1));
            }
            assertThat(small.requests().stats().unflushedWrites()).isEqualTo(3);
            small.powerCut(SurvivalPolicy.none());
            small.cache().powerOn();
            assertThat(sender.read(8, 8)).isEqualTo(sectors(8, 2));
            assertThat(sender.read(16, 8)).isEqualTo(sectors(8, 0));
        }
    }

    @Test
    void keepsNoHistoryOfForcedWrites() {
        for (int i = 0; i < 1000; i++) {
            host.writeFua(0, sectors(8, i));
        }
        assertThat(drive.pool().usedPages()).isEqualTo(1);
    }

    @Test
    void keepsEveryAcknowledgedWriteWithoutAVolatileCache() {
        try (Drive through =
                Drive.builder().sizeBytes(1 << 20).volatileCache(false).build()) {
            Host sender = new Host(through);
            sender.write(3, sectors(9, 1));
            assertThat(through.requests().stats().unflushedWrites()).isZero();
            PowerCut cut = through.powerCut(SurvivalPolicy.none());
            assertThat(cut.lost()).isEmpty();
            through.cache().powerOn();
            assertThat(sender.read(3, 9)).isEqualTo(sectors(9, 1));
        }
    }

    @Test
    void failsAWriteThatFindsNoMemoryAndGoesOn() {
        PagePool pool = new PagePool(1 << 20);
        try (Drive poor = Drive.builder().sizeBytes(64 << 20).pool(pool).build()) {
            Host sender = new Host(poor);
            assertThat(sender.write(0, sectors(8, 1))).isEqualTo(OK);
            Assertions.assertThatThrownBy(() -> sender.write(0, new byte[1 << 20]))
                    .hasCauseInstanceOf(OutOfPagesException.class);
            assertThat(pool.usedPages()).isEqualTo(1);
            assertThat(sender.read(0, 8)).isEqualTo(sectors(8, 1));
        }
    }

    @Test
    void answersNothingAfterItIsClosed() {
        host.write(0, sectors(8, 1));
        drive.close();
        drive.close();

        assertThat(host.write(0, sectors(8, 1))).isEqualTo(IO);
        assertThat(host.send(Operation.READ, 0, 0, 1).status()).isEqualTo(IO);
        assertThat(host.flush()).isEqualTo(IO);
        Assertions.assertThatIllegalStateException().isThrownBy(drive::snapshot).withMessageContaining("closed");
        Assertions.assertThatIllegalStateException()
                .isThrownBy(() -> drive.cache().powerOn());
        Assertions.assertThatIllegalStateException().isThrownBy(() -> drive.powerCut(SurvivalPolicy.none()));
        Assertions.assertThatIllegalStateException().isThrownBy(() -> drive.crashImage(SurvivalPolicy.none()));
    }

    @Test
    void takesRequestsWithFlagsThatItDoesNotKnow() {
        host.send(Operation.WRITE, Request.META | Request.SWAP | 1 << 30, 0, 8);
        assertThat(drive.requests().stats().fuaWrites()).isZero();
        assertThat(drive.requests().stats().writes()).isEqualTo(1);
    }

    public static byte[] sectors(int count, int content) {
        byte[] bytes = new byte[count * 512];
        Arrays.fill(bytes, (byte) content);
        return bytes;
    }
}
