package io.ublkdisk.junit;

import java.nio.file.Path;
import org.apiguardian.api.API;

/**
 * Some bytes of a file, to aim faults at: {@code file(path)} is all of it, {@code file(path).bytes(8192, 12287)} a part.
 *
 * @param firstByte of the file, from 0
 * @param lastByte included; {@link Long#MAX_VALUE} for the end of the file
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public record FilePart(Path path, long firstByte, long lastByte) {

    /** @throws IllegalArgumentException if there is no byte in it */
    public FilePart {
        if (firstByte < 0 || lastByte < firstByte) {
            throw new IllegalArgumentException("bytes " + firstByte + ".." + lastByte + " of " + path
                    + ": there are none; both ends are included, and the first byte is 0");
        }
    }

    /** Returns the whole file. */
    public static FilePart file(Path path) {
        return new FilePart(path, 0, Long.MAX_VALUE);
    }

    /** Returns the bytes from the first to the last, which is included. */
    public FilePart bytes(long first, long last) {
        return new FilePart(path, first, last);
    }

    @Override
    public String toString() {
        return (lastByte == Long.MAX_VALUE ? "" : "bytes " + firstByte + ".." + lastByte + " of ") + path;
    }
}
