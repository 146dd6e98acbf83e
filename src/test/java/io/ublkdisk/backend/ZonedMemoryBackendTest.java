package io.ublkdisk.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Zone.Condition;
import io.ublkdisk.block.ZonedBackend.Action;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Four zones of 8 KiB. */
class ZonedMemoryBackendTest {
    private static final int ZONE = 8192;

    private final ZonedMemoryBackend disk = new ZonedMemoryBackend(4 * ZONE, ZONE);
    private final RequestDriver driver = new RequestDriver(disk);

    @Test
    void zoneIsWrittenFromFrontToBack() throws Exception {
        expect(1, Condition.EMPTY, 0);
        assertThat(write(ZONE + 512, 512)).as("not at the write pointer").isEqualTo(BlockStatus.IO);
        assertThat(write(ZONE, 4096)).isEqualTo(BlockStatus.OK);
        expect(1, Condition.IMPLICIT_OPEN, 4096);
        assertThat(write(ZONE, 512)).as("written before").isEqualTo(BlockStatus.IO);
        assertThat(write(ZONE + 4096, 4096)).isEqualTo(BlockStatus.OK);
        expect(1, Condition.FULL, ZONE);
        expect(2, Condition.EMPTY, 0);
    }

    @Test
    void writeThatLeavesItsZoneFailsWhole() throws Exception {
        assertThat(write(0, ZONE + 512)).isEqualTo(BlockStatus.IO);
        expect(0, Condition.EMPTY, 0);
    }

    @Test
    void appendSaysWhereTheDataAre() throws Exception {
        ByteBuffer data = ByteBuffer.allocate(1024).put(0, (byte) 1).put(1023, (byte) 2);
        assertThat(disk.append(2, data, 1024)).isEqualTo(2 * ZONE / 512);
        assertThat(disk.append(2, data, 1024)).isEqualTo(2 * ZONE / 512 + 2);
        byte[] read = new byte[1024];
        assertThat(driver.read(2 * ZONE + 1024, read)).isEqualTo(BlockStatus.OK);
        assertThat(read[0]).isEqualTo((byte) 1);
        assertThat(read[1023]).isEqualTo((byte) 2);
        disk.manage(Action.FINISH, 2);
        assertThat(disk.append(2, data, 1024)).isEqualTo(-1);
    }

    @Test
    void actionsMoveAZoneAsTheDrawingSays() throws Exception {
        assertThat(disk.manage(Action.OPEN, 0)).isEqualTo(BlockStatus.OK);
        expect(0, Condition.EXPLICIT_OPEN, 0);
        assertThat(disk.manage(Action.CLOSE, 0)).isEqualTo(BlockStatus.OK);
        expect(0, Condition.EMPTY, 0);
        assertThat(disk.manage(Action.CLOSE, 0)).as("not open").isEqualTo(BlockStatus.IO);
        write(0, 512);
        disk.manage(Action.CLOSE, 0);
        expect(0, Condition.CLOSED, 512);
        assertThat(write(512, 512)).isEqualTo(BlockStatus.OK);
        disk.manage(Action.FINISH, 0);
        expect(0, Condition.FULL, ZONE);
        assertThat(disk.manage(Action.OPEN, 0)).isEqualTo(BlockStatus.IO);
        assertThat(disk.manage(Action.RESET, 0)).isEqualTo(BlockStatus.OK);
        expect(0, Condition.EMPTY, 0);
        byte[] read = {1, 2};
        read = java.util.Arrays.copyOf(read, 512);
        driver.read(0, read);
        assertThat(read).as("after a reset").containsOnly(0);
    }

    @Test
    void oneZoneTooManyClosesOneThatAWriteOpenedAndNoOther() throws Exception {
        ZonedMemoryBackend two = new ZonedMemoryBackend(4 * ZONE, ZONE, 2);
        RequestDriver writer = new RequestDriver(two);
        two.manage(Action.OPEN, 0);
        writer.write(ZONE, new byte[512]);
        writer.write(2 * ZONE, new byte[512]);
        assertThat(two.zone(1).condition()).isEqualTo(Condition.CLOSED);
        assertThat(two.zone(2).condition()).isEqualTo(Condition.IMPLICIT_OPEN);
        two.manage(Action.OPEN, 2);
        assertThat(writer.write(3 * ZONE, new byte[512])).isEqualTo(BlockStatus.IO);
        assertThat(two.manage(Action.OPEN, 3)).isEqualTo(BlockStatus.IO);
        assertThat(two.zone(3).condition()).isEqualTo(Condition.EMPTY);
    }

    @Test
    void wornOutZonesTakeNothingAndOfflineOnesGiveNothing() throws Exception {
        write(0, 512);
        disk.wearOut(0, Condition.READ_ONLY);
        assertThat(write(512, 512)).isEqualTo(BlockStatus.IO);
        assertThat(driver.read(0, new byte[512])).isEqualTo(BlockStatus.OK);
        assertThat(disk.manage(Action.RESET, 0)).isEqualTo(BlockStatus.IO);
        disk.wearOut(0, Condition.OFFLINE);
        assertThat(driver.read(0, new byte[512])).isEqualTo(BlockStatus.IO);
        assertThatThrownBy(() -> disk.wearOut(1, Condition.FULL))
                .hasMessage("FULL: a worn-out zone is READ_ONLY or OFFLINE");
    }

    @Test
    void impossibleZonesAreRefused() {
        assertThatThrownBy(() -> new ZonedMemoryBackend(3 * 3000, 3000))
                .hasMessage("zoneBytes 3000: must be a power of two from 4096 on");
        assertThatThrownBy(() -> new ZonedMemoryBackend(ZONE + 512, ZONE))
                .hasMessage("sizeBytes 8704: must be positive and a multiple of the zones' size, 8192");
    }

    private BlockStatus write(long offset, int length) throws Exception {
        return driver.write(offset, new byte[length]);
    }

    private void expect(int zone, Condition condition, long writtenBytes) {
        assertThat(disk.zone(zone).condition()).isEqualTo(condition);
        assertThat((disk.zone(zone).writePointer() - disk.zone(zone).startSector()) * 512)
                .isEqualTo(writtenBytes);
    }
}
