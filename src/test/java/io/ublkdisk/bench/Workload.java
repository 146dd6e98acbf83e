package io.ublkdisk.bench;

import java.util.List;
import java.util.Optional;

/**
 * What fio does to a disk. {@code requests} is how many a window has, enough that fio's clock, which counts milliseconds, is
 * good to some 0.3 %, and two of them together to half of that.
 */
record Workload(String name, String rw, String blockSize, int depth, int requests, List<String> more) {
    static final List<Workload> ALL = List.of(
            new Workload("randread-4k-qd32", "randread", "4k", 32, 12_000, List.of()),
            new Workload("randwrite-4k-qd32", "randwrite", "4k", 32, 12_000, List.of()),
            new Workload("randread-4k-qd1", "randread", "4k", 1, 8_000, List.of()),
            new Workload("randwrite-4k-qd1", "randwrite", "4k", 1, 8_000, List.of()),
            new Workload("mixed-4k-qd32", "randrw", "4k", 32, 12_000, List.of("--rwmixread=70")),
            new Workload("flushwrite-4k-qd32", "randwrite", "4k", 32, 8_000, List.of("--fsync=64")),
            new Workload("read-128k-qd8", "read", "128k", 8, 2_000, List.of()),
            new Workload("write-128k-qd8", "write", "128k", 8, 2_000, List.of()));

    /** Reads and writes alike, so that neither comes as a surprise to what the JIT has made. */
    static final Workload WARM_UP = new Workload("warm-up", "randrw", "4k", 32, 20_000, List.of("--rwmixread=50"));

    static Optional<Workload> named(String name) {
        return ALL.stream().filter(w -> w.name.equals(name)).findFirst();
    }

    /** In words, for a person. */
    String title() {
        return name.replace("-qd", ", in flight: ").replace("-", " ");
    }

    @Override
    public String toString() {
        return name;
    }
}
