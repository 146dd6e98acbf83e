package io.ublkdisk.junit;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.control.HeldRequest;
import io.ublkdisk.control.RemoteDisk;
import java.util.List;

/** What one rule of a served disk holds; asked anew each time. */
record HeldByRule(RemoteDisk disk, String rule) implements Breakpoint {
    @Override
    public List<HeldRequest> requests() {
        return Asked.of(() -> disk.rules().held(rule));
    }

    @Override
    public int release() {
        return Asked.of(() -> disk.rules().release(rule));
    }

    @Override
    public int fail(BlockStatus status) {
        return Asked.accepted(() -> disk.rules().failHeld(rule, status.name()));
    }

    @Override
    public String powerOff() {
        return ServedDisk.powerOff(disk);
    }
}
