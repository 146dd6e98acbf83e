package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.backend.ZonedMemoryBackend;
import io.ublkdisk.block.Zone.Condition;
import io.ublkdisk.kernel.UblkIoDesc;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Descriptors for a disk of 4 zones of 16 sectors, I/O up to 32 sectors; there is no driver behind it to move data. */
class ZoneOperationsTest {
    private static final int MAX_IO_SECTORS = 32;
    private static final int EIO = -5;

    private final ZonedMemoryBackend disk = new ZonedMemoryBackend(4 * 8192, 8192);
    private final List<Integer> committed = new ArrayList<>();

    @Test
    void sectorsThatAreNotThereTouchNoZone() throws Exception {
        int[] operations = {
            UblkIoDesc.UBLK_IO_OP_ZONE_OPEN,
            UblkIoDesc.UBLK_IO_OP_ZONE_CLOSE,
            UblkIoDesc.UBLK_IO_OP_ZONE_FINISH,
            UblkIoDesc.UBLK_IO_OP_ZONE_RESET,
            UblkIoDesc.UBLK_IO_OP_ZONE_APPEND,
            UblkIoDesc.UBLK_IO_OP_REPORT_ZONES
        };
        for (int op : operations) {
            for (long sector : new long[] {64, 65, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40}) {
                assertThat(serve(op, sector, 8)).as("%d at %d", op, sector).containsExactly(EIO);
            }
        }
        for (int zone = 0; zone < 4; zone++) {
            assertThat(disk.zone(zone).condition()).isEqualTo(Condition.EMPTY);
        }
    }

    @Test
    void countsThatExceedTheBufferAreRefused() throws Exception {
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_ZONE_APPEND, 0, MAX_IO_SECTORS + 1))
                .containsExactly(EIO);
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_ZONE_APPEND, 0, 0)).containsExactly(EIO);
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_ZONE_APPEND, 0, -8)).containsExactly(EIO);
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_REPORT_ZONES, 0, MAX_IO_SECTORS * 8 + 1))
                .containsExactly(EIO);
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_REPORT_ZONES, 0, Integer.MAX_VALUE))
                .containsExactly(EIO);
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_REPORT_ZONES, 0, -1)).containsExactly(EIO);
    }

    @Test
    void actionsReachTheirZoneAndNothingElseIsTakenForOne() throws Exception {
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_ZONE_OPEN, 16, 16)).containsExactly(0);
        assertThat(disk.zone(1).condition()).isEqualTo(Condition.EXPLICIT_OPEN);
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_ZONE_FINISH, 63, 16)).containsExactly(0);
        assertThat(disk.zone(3).condition()).isEqualTo(Condition.FULL);
        disk.wearOut(2, Condition.READ_ONLY);
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_ZONE_RESET_ALL, 0, 0)).containsExactly(0);
        assertThat(disk.zone(1).condition()).isEqualTo(Condition.EMPTY);
        assertThat(disk.zone(3).condition()).isEqualTo(Condition.EMPTY);
        assertThat(serve(UblkIoDesc.UBLK_IO_OP_READ, 0, 8)).as("not answered").isEmpty();
        assertThat(serve(9, 0, 8)).as("not answered").isEmpty();
    }

    private List<Integer> serve(int op, long sector, int count) throws Exception {
        committed.clear();
        TagShare share = new TagShare(0, 0, 1, 1, true, null);
        TagBuffers buffers = new TagBuffers(1, MAX_IO_SECTORS << 9);
        UserCopyPath data = new UserCopyPath(share, -1, buffers);
        QueueRequest request = new QueueRequest(null, 0, 0, 0, data.buffer(0));
        new ZoneOperations(disk, data, new Commits()).serve(request, op, sector, count, MAX_IO_SECTORS);
        data.release(true);
        return List.copyOf(committed);
    }

    private final class Commits extends Commands {
        Commits() {
            super(0);
        }

        @Override
        void commit(int slot, int result) {
            committed.add(result);
        }

        @Override
        void commitAppend(int slot, int result, long sector) {
            committed.add(result);
        }

        @Override
        void fetchAll() {}

        @Override
        int send() {
            return 0;
        }

        @Override
        void readdress(int slot, long address) {}

        @Override
        void close() {}

        @Override
        public void completed(long userData, int result, int flags) {}
    }
}
