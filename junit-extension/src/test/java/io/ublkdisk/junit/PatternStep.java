package io.ublkdisk.junit;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * One step of a pattern: what is done to which bytes of a disk or file. The lengths are drawn so that some lie within a
 * sector's neighbourhood, some cross pages, and some are larger than the largest request the device takes (1 MiB), so that
 * the kernel must split them.
 */
record PatternStep(Kind kind, long offset, int length, int seed) {
    enum Kind {
        WRITE_DIRECT,
        WRITE_BUFFERED,
        READ_DIRECT,
        READ_BUFFERED,
        DISCARD,
        WRITE_ZEROES
    }

    private static final int SECTOR = 512;

    /** Steps of these kinds on a disk of that size, in whole sectors. */
    static Arbitrary<PatternStep> ofSectors(int sizeBytes, Kind... kinds) {
        int sectors = sizeBytes / SECTOR;
        return Combinators.combine(
                        Arbitraries.of(List.of(kinds)),
                        Arbitraries.integers().between(0, sectors - 1),
                        Arbitraries.frequencyOf(
                                Tuple.of(4, Arbitraries.integers().between(1, 24)),
                                Tuple.of(3, Arbitraries.integers().between(25, 600)),
                                Tuple.of(1, Arbitraries.integers().between(2040, 3000))),
                        Arbitraries.integers().between(1, 1 << 20))
                .as((kind, first, count, seed) ->
                        new PatternStep(kind, (long) first * SECTOR, Math.min(count, sectors - first) * SECTOR, seed));
    }

    /** Steps at any byte, for files. */
    static Arbitrary<PatternStep> ofBytes(int sizeBytes, Kind... kinds) {
        return Combinators.combine(
                        Arbitraries.of(List.of(kinds)),
                        Arbitraries.integers().between(0, sizeBytes - 1),
                        Arbitraries.frequencyOf(
                                Tuple.of(3, Arbitraries.integers().between(1, 5000)),
                                Tuple.of(2, Arbitraries.integers().between(5001, 300_000))),
                        Arbitraries.integers().between(1, 1 << 20))
                .as((kind, first, length, seed) ->
                        new PatternStep(kind, first, Math.min(length, sizeBytes - first), seed));
    }

    /** What a write puts there. */
    byte[] data() {
        return Bytes.of(seed, length);
    }

    /** Does to a model, an array, what is done to the disk. */
    void applyTo(byte[] model) {
        switch (kind) {
            case WRITE_DIRECT, WRITE_BUFFERED -> System.arraycopy(data(), 0, model, (int) offset, length);
            case DISCARD, WRITE_ZEROES -> Arrays.fill(model, (int) offset, (int) offset + length, (byte) 0);
            default -> {}
        }
    }

    /** What a model has where this step reads. */
    byte[] of(byte[] model) {
        return Arrays.copyOfRange(model, (int) offset, (int) offset + length);
    }
}
