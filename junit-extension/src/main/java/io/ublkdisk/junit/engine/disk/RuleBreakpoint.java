package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.junit.Breakpoint;
import java.util.List;

/** What one rule of a served disk holds; asked anew each time. */
record RuleBreakpoint(DiskHandle served, String rule) implements Breakpoint {
    @Override
    public List<HeldRequest> requests() {
        return Unchecked.of(() -> served.remote().rules().held(rule));
    }

    @Override
    public int release() {
        return Unchecked.of(() -> served.remote().rules().release(rule));
    }

    @Override
    public int fail(BlockStatus status) {
        return Unchecked.accepted(() -> served.remote().rules().failHeld(rule, status.name()));
    }

    @Override
    public String powerOff() {
        return served.powerOffAtBreakpoint();
    }
}
