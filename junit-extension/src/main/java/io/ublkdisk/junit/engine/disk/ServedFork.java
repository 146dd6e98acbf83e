package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.junit.ForkedDisk;
import java.util.List;

/** A disk that came from another one and goes with it at the latest. */
public final class ServedFork extends DiskHandle implements ForkedDisk {
    private final DiskHandle origin;

    ServedFork(DiskHandle origin, RemoteDisk remote) {
        super(origin.server().process(), remote, settings(origin), null);
        this.origin = origin;
    }

    private static DiskSettings settings(DiskHandle origin) {
        DiskSettings settings = origin.settings();
        DiskSpec spec =
                settings.spec().toBuilder().script(null).recovery(Recovery.NONE).build();
        return new DiskSettings("made from that of " + settings.place(), spec, settings.lenient(), false);
    }

    @Override
    public void close() {
        if (origin.forget(this)) {
            List<Throwable> problems =
                    DiskCleanup.take(this, true, false).map(List::of).orElse(List.of());
            end("it was closed, or the test that it belonged to has ended");
            DiskCleanup.raise(problems);
        }
    }
}
