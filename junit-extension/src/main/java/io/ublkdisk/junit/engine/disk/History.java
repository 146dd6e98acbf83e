package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.DiskSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that gets all that becomes durable on a disk, for as long as the disk is there. */
public final class History implements AutoCloseable {
    private final Path file;

    History() {
        try {
            file = Files.createTempFile("ublkdisk-history", ".log");
        } catch (IOException e) {
            throw new UncheckedIOException("no file for what the disk does: " + e.getMessage(), e);
        }
    }

    Path file() {
        return file;
    }

    DiskSpec of(DiskSpec spec) {
        return spec.toBuilder().logWrites(file).build();
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the file of what the disk did stays behind: " + file, e);
        }
    }
}
