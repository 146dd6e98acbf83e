package io.ublkdisk.bench;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.NullBackend;
import io.ublkdisk.block.Backend;
import io.ublkdisk.ublk.DataMode;
import io.ublkdisk.ublk.UblkDevice;
import io.ublkdisk.ublk.UblkDeviceBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;

/** Our ublk server without the model of a drive, served by this process: what memory alone costs, and what nothing costs. */
final class BareDisk implements Target {
    private final String name;
    private final LongFunction<Backend> backend;
    private final UnaryOperator<UblkDeviceBuilder> way;
    private UblkDevice device;

    private BareDisk(String name, LongFunction<Backend> backend, UnaryOperator<UblkDeviceBuilder> way) {
        this.name = name;
        this.backend = backend;
        this.way = way;
    }

    static List<Target> all() {
        return List.of(
                new BareDisk("bare-memory", MemoryBackend::new, UnaryOperator.identity()),
                new BareDisk("bare-null", NullBackend::new, UnaryOperator.identity()));
    }

    /** Memory, by other ways than the driver's copy; only the newest kernels have them all. */
    static List<Target> otherWays() {
        return List.of(
                new BareDisk("bare-usercopy", MemoryBackend::new, b -> b.dataMode(DataMode.USER_COPY)),
                new BareDisk("bare-batch", MemoryBackend::new, b -> b.batch(true)));
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
        device = way.apply(
                        UblkDevice.builder(backend.apply((long) sizeMib << 20)).queues(queues))
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
