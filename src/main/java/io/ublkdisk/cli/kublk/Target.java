package io.ublkdisk.cli.kublk;

import io.ublkdisk.backend.DelayBackend;
import io.ublkdisk.backend.FileBackend;
import io.ublkdisk.backend.IntegrityFileBackend;
import io.ublkdisk.backend.NullBackend;
import io.ublkdisk.backend.StripeBackend;
import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Integrity;
import io.ublkdisk.ublk.UblkDeviceBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is to be served: kublk's targets, by its words. */
final class Target {
    private static final long NULL_BYTES = 250L << 30;

    /** The values of {@code -t}, in kublk's spelling. */
    enum Type {
        /** Does nothing, at once. */
        NULL,
        /** One file. */
        LOOP,
        /** Several files in turn. */
        STRIPE,
        /** Does nothing, later. */
        FAULT_INJECT
    }

    @Mixin
    private IntegrityOptions beside;

    @Option(
            names = {"-t", "--type"},
            required = true,
            paramLabel = "TYPE",
            description = "null, loop, stripe or fault_inject.")
    private Type type;

    @Option(names = "--chunk_size", paramLabel = "BYTES", description = "Of a stripe; 65536.")
    private int chunkBytes = 65_536;

    @Option(names = "--delay_us", paramLabel = "US", description = "How long fault_inject delays each request; 0.")
    private long delayMicros;

    @Option(
            names = "--die_during_fetch",
            paramLabel = "0|1",
            description = "fault_inject dies when it has begun to fetch.")
    int dieDuringFetch;

    @Parameters(paramLabel = "FILE", description = "What loop and stripe keep their bytes in.")
    private List<Path> files = List.of();

    Backend open() throws IOException {
        Integrity integrity = beside.integrity();
        if (integrity != null && type != Type.NULL && type != Type.LOOP) {
            throw new IllegalArgumentException("--metadata_size: only null and loop keep anything beside a block");
        }
        return switch (type) {
            case NULL ->
                integrity == null ? new NullBackend(NULL_BYTES) : new NothingWithIntegrity(NULL_BYTES, integrity);
            case LOOP -> {
                expectFiles(integrity == null ? 1 : 2);
                yield integrity == null
                        ? FileBackend.open(files.get(0))
                        : IntegrityFileBackend.open(files.get(0), files.get(1), integrity);
            }
            case STRIPE -> StripeBackend.open(files, chunkBytes);
            case FAULT_INJECT ->
                new DelayBackend(new NullBackend(NULL_BYTES), Duration.of(delayMicros, ChronoUnit.MICROS));
        };
    }

    /** Limits the segments as kublk's null target does where the kernel moves the data. */
    void limitSegments(UblkDeviceBuilder builder) {
        if (type == Type.NULL) {
            builder.dmaAlignment(4096).segments(32, 32_768, 4096);
        }
    }

    /** Returns whether there is anything that could lose data. */
    boolean keepsBytes() {
        return type == Type.LOOP || type == Type.STRIPE;
    }

    private void expectFiles(int count) {
        if (files.size() != count) {
            throw new IllegalArgumentException("files " + files + ": loop needs exactly " + count);
        }
    }
}
