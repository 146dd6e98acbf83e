package io.ublkdisk.junit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.codec.digest.DigestUtils;

/** Test data that can be told from all other test data, and where it lies. */
final class Bytes {
    private static final int SCAN_BYTES = 1 << 20;

    private Bytes() {}

    /** Bytes that follow from the seed and their place alone; no two sectors are alike. */
    static byte[] of(long seed, int length) {
        byte[] data = new byte[length];
        ByteBuffer words = ByteBuffer.wrap(data);
        long state = seed * 0x9E3779B97F4A7C15L + 1;
        while (words.remaining() >= 8) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            words.putLong(state);
        }
        while (words.hasRemaining()) {
            words.put((byte) (seed + words.position()));
        }
        return data;
    }

    static byte[] filled(int length, int value) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) value);
        return data;
    }

    static String md5(byte[] data) {
        return DigestUtils.md5Hex(data);
    }

    /** Reads a file or device to its end, through the page cache. */
    static String md5(Path file) throws IOException {
        return new DigestUtils("MD5").digestAsHex(file);
    }

    /**
     * The sector where a file's data lies on the device: its first 512 bytes are searched for. The file must have been
     * forced.
     */
    static long sectorOf(Disk disk, byte[] data, long sizeBytes) throws IOException {
        byte[] wanted = Arrays.copyOf(data, 512);
        try (RawDevice device = new RawDevice(disk.device())) {
            for (long offset = 0; offset < sizeBytes; offset += SCAN_BYTES) {
                byte[] chunk = device.read(offset, (int) Math.min(SCAN_BYTES, sizeBytes - offset));
                for (int at = 0; at < chunk.length; at += 512) {
                    if (Arrays.equals(chunk, at, at + 512, wanted, 0, 512)) {
                        return (offset + at) / 512;
                    }
                }
            }
        }
        throw new AssertionError("the data is nowhere on " + disk + "; was it forced?");
    }
}
