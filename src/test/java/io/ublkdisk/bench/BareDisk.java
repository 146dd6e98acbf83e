package io.ublkdisk.bench;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.NullBackend;
import io.ublkdisk.block.Backend;
import io.ublkdisk.ublk.UblkDevice;
import java.nio.file.Path;
import java.util.function.LongFunction;

/** Our ublk server without the model of a drive, served by this process: what memory alone costs, and what nothing costs. */
final class BareDisk implements Target {
    private final String name;
    private final LongFunction<Backend> backend;
    private UblkDevice device;

    private BareDisk(String name, LongFunction<Backend> backend) {
        this.name = name;
        this.backend = backend;
    }

    static Target memory() {
        return new BareDisk("bare-memory", MemoryBackend::new);
    }

    static Target nothing() {
        return new BareDisk("bare-null", NullBackend::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isOurs() {
        return true;
    }

    @Override
    public Path open(int queues, int sizeMib) throws Exception {
        device = UblkDevice.builder(backend.apply((long) sizeMib << 20))
                .queues(queues)
                .create();
        device.start();
        return device.path();
    }

    @Override
    public void close() throws Exception {
        if (device != null) {
            device.close();
            device = null;
        }
    }
}
