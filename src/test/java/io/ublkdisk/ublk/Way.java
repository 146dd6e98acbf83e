package io.ublkdisk.ublk;

import io.ublkdisk.backend.FileBackend;
import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.NullBackend;
import io.ublkdisk.block.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

/** A data mode, and how requests come. */
enum Way {
    COPY(DataMode.COPY, false, 1),
    NEED_GET_DATA(DataMode.NEED_GET_DATA, false, 1),
    USER_COPY(DataMode.USER_COPY, false, 1),
    COPY_PER_IO_DAEMON(DataMode.COPY, false, 3),
    USER_COPY_PER_IO_DAEMON(DataMode.USER_COPY, false, 2),
    COPY_BATCH(DataMode.COPY, true, 1),
    USER_COPY_BATCH(DataMode.USER_COPY, true, 1),
    COPY_BATCH_THREADS(DataMode.COPY, true, 3),
    USER_COPY_BATCH_THREADS(DataMode.USER_COPY, true, 2),
    ZERO_COPY(DataMode.ZERO_COPY, false, 1),
    AUTO_BUF_REG(DataMode.AUTO_BUF_REG, false, 1),
    AUTO_BUF_REG_FALLBACK(DataMode.AUTO_BUF_REG, false, 1),
    ZERO_COPY_PER_IO_DAEMON(DataMode.ZERO_COPY, false, 2),
    ZERO_COPY_BATCH(DataMode.ZERO_COPY, true, 1),
    AUTO_BUF_REG_BATCH(DataMode.AUTO_BUF_REG, true, 1),
    AUTO_BUF_REG_BATCH_ROTATING(DataMode.AUTO_BUF_REG, true, 1),
    AUTO_BUF_REG_BATCH_THREADS(DataMode.AUTO_BUF_REG, true, 2);

    final DataMode mode;
    private final boolean batch;
    private final int threads;

    Way(DataMode mode, boolean batch, int threads) {
        this.mode = mode;
        this.batch = batch;
        this.threads = threads;
    }

    UblkDeviceBuilder on(Backend backend) {
        return UblkDevice.builder(backend)
                .dataMode(mode)
                .autoBufRegFails(name().endsWith("FALLBACK"))
                .autoBufRegRotates(name().endsWith("ROTATING"))
                .batch(batch)
                .threadsPerQueue(threads);
    }

    Backend storage(Path folder, long size) throws IOException {
        return mode.isZeroCopy() ? FileBackend.create(folder.resolve("disk"), size) : new MemoryBackend(size);
    }

    Set<UblkFeature> features() {
        return on(new NullBackend(4096)).features();
    }

    /** Those under which a backend sees the bytes: all if asked for, otherwise each class of ours once. */
    static Stream<Way> withData() {
        return everydayOrAll(COPY, NEED_GET_DATA, USER_COPY, COPY_PER_IO_DAEMON, USER_COPY_BATCH, COPY_BATCH_THREADS)
                .filter(way -> !way.mode.isZeroCopy());
    }

    static Stream<Way> withoutData() {
        return everydayOrAll(AUTO_BUF_REG, AUTO_BUF_REG_FALLBACK, ZERO_COPY_BATCH, AUTO_BUF_REG_BATCH_ROTATING)
                .filter(way -> way.mode.isZeroCopy());
    }

    private static Stream<Way> everydayOrAll(Way... everyday) {
        return Stream.of(Boolean.getBoolean("ublkdisk.all") ? Way.values() : everyday);
    }
}
