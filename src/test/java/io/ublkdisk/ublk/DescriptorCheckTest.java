package io.ublkdisk.ublk;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.block.BlockStatus.NOTSUPP;
import static io.ublkdisk.block.BlockStatus.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import org.junit.jupiter.api.Test;

/** What of a descriptor goes to a backend: a disk of 1000 sectors, I/O up to 64. */
class DescriptorCheckTest {

    @Test
    void onlyOperationsThatWeOfferGoOn() {
        assertThat(QueueLoop.operation(0)).isEqualTo(Operation.READ);
        assertThat(QueueLoop.operation(1 | 1 << 13)).isEqualTo(Operation.WRITE);
        assertThat(QueueLoop.operation(2)).isEqualTo(Operation.FLUSH);
        assertThat(QueueLoop.operation(3)).isEqualTo(Operation.DISCARD);
        assertThat(QueueLoop.operation(4)).as("WRITE_SAME").isNull();
        assertThat(QueueLoop.operation(5)).isEqualTo(Operation.WRITE_ZEROES);
        assertThat(QueueLoop.operation(18)).as("REPORT_ZONES").isNull();
        assertThat(QueueLoop.operation(255)).isNull();
        assertThat(check(null, 0, 8)).isEqualTo(NOTSUPP);
    }

    @Test
    void rangeBeyondTheDiskIsAnErrorAndTouchesNothing() {
        for (Operation operation : Operation.values()) {
            if (operation != Operation.FLUSH) {
                assertThat(check(operation, 0, 1)).isEqualTo(OK);
                assertThat(check(operation, 999, 1)).isEqualTo(OK);
                assertThat(check(operation, 999, 2)).isEqualTo(IO);
                assertThat(check(operation, 1000, 1)).isEqualTo(IO);
                assertThat(check(operation, -1, 1)).isEqualTo(IO);
                assertThat(check(operation, Long.MAX_VALUE, 1)).isEqualTo(IO);
                assertThat(check(operation, Long.MAX_VALUE, Integer.MAX_VALUE)).isEqualTo(IO);
                assertThat(check(operation, 0, -1)).isEqualTo(IO);
            }
        }
    }

    /** go-ublk 3: an I/O larger than a tag's buffer ran into the neighbour's. */
    @Test
    void dataNeverExceedsTheTagsBuffer() {
        assertThat(check(Operation.READ, 0, 64)).isEqualTo(OK);
        assertThat(check(Operation.READ, 0, 65)).isEqualTo(IO);
        assertThat(check(Operation.WRITE, 0, 65)).isEqualTo(IO);
        assertThat(check(Operation.DISCARD, 0, 1000)).as("has no data").isEqualTo(OK);
        assertThat(check(Operation.WRITE_ZEROES, 0, 1000)).isEqualTo(OK);
    }

    /** go-ublk 12: a READ of 0 sectors is no sign of life from the kernel but nonsense. */
    @Test
    void nothingIsTakenForAKeepAlive() {
        assertThat(check(Operation.READ, 0, 0)).isEqualTo(IO);
        assertThat(check(Operation.FLUSH, 0, 0)).isEqualTo(OK);
    }

    private static BlockStatus check(Operation operation, long sector, int sectorCount) {
        return QueueLoop.check(operation, sector, sectorCount, 1000, 64);
    }
}
