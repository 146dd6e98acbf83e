package io.ublkdisk.bench;

import java.util.List;
import java.util.Optional;

/**
 * What fio does to a disk. {@code requests} is how many a window has, enough that fio's clock, which counts milliseconds, is
 * good to one percent on the cheapest disk, and two of them together to half of that.
 */
record Workload(String name, String rw, String blockSize, int depth, int requests, List<String> more) {
    /**
     * With 32 in flight fio sends sixteen at a time and waits for sixteen. Otherwise the scheduler decides whether a turn of a
     * server brings one request or thirty, and a turn costs as much as a request: the same binary moves by half.
     */
    private static final List<String> BATCHES = List.of("--iodepth_batch=16", "--iodepth_batch_complete_min=16");

    static final List<Workload> ALL = List.of(
            new Workload("randread-4k-qd32", "randread", "4k", 32, 16_000, BATCHES),
            new Workload("randwrite-4k-qd32", "randwrite", "4k", 32, 16_000, BATCHES),
            new Workload("randread-4k-qd1", "randread", "4k", 1, 12_000, List.of()),
            new Workload("randwrite-4k-qd1", "randwrite", "4k", 1, 12_000, List.of()),
            new Workload("mixed-4k-qd32", "randrw", "4k", 32, 16_000, batches("--rwmixread=70")),
            new Workload("flushwrite-4k-qd32", "randwrite", "4k", 32, 8_000, batches("--fsync=64")),
            new Workload("read-128k-qd8", "read", "128k", 8, 2_000, List.of()),
            new Workload("write-128k-qd8", "write", "128k", 8, 2_000, List.of()),
            // As fio comes: what others have published, and no yardstick.
            new Workload("randread-4k-qd32-unbatched", "randread", "4k", 32, 16_000, List.of()),
            new Workload("randwrite-4k-qd32-unbatched", "randwrite", "4k", 32, 16_000, List.of()));

    private static List<String> batches(String more) {
        return List.of(BATCHES.get(0), BATCHES.get(1), more);
    }

    static Optional<Workload> named(String name) {
        return ALL.stream().filter(w -> w.name.equals(name)).findFirst();
    }

    /** The same, so many times longer. */
    Workload times(int factor) {
        return new Workload(name, rw, blockSize, depth, requests * factor, more);
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
