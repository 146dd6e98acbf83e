package io.ublkdisk.protocol;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes in, lines out, whatever the bytes are. It holds no more than one line of {@link #LIMIT_BYTES}; of a longer one the
 * sender is told as soon as it is known, and the rest of it is thrown away. So the stream stays in step after any bad line.
 */
public final class LineBuffer {
    /** The longest line, with its line feed. */
    public static final int LIMIT_BYTES = 64 * 1024;

    private byte[] line = new byte[256];
    private int lengthBytes;
    private boolean discarding;

    /** A line, or what is wrong with it: one of the two is null. */
    public record Frame(String text, String problem) {}

    /**
     * Takes bytes up to the end of the next line.
     *
     * @return null when the bytes are used up and the line has not ended
     */
    public Frame next(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            if (b == '\n') {
                Frame frame = discarding ? null : decode();
                discarding = false;
                lengthBytes = 0;
                if (frame != null) {
                    return frame;
                }
            } else if (!discarding && lengthBytes == LIMIT_BYTES - 1) {
                discarding = true;
                return new Frame(null, "the line is longer than " + LIMIT_BYTES + " bytes; split what it asks for");
            } else if (!discarding) {
                if (lengthBytes == line.length) {
                    line = Arrays.copyOf(line, Math.min(2 * line.length, LIMIT_BYTES));
                }
                line[lengthBytes++] = b;
            }
        }
        return null;
    }

    /** Returns whether a line has begun that has not ended. */
    public boolean midLine() {
        return lengthBytes > 0 && !discarding;
    }

    private Frame decode() {
        for (int i = 0; i < lengthBytes; i++) {
            if (line[i] >= 0 && line[i] < ' ' || line[i] == 0x7f) {
                return new Frame(
                        null,
                        String.format(
                                "control character 0x%02x at byte %d; write it as \\u%04x", line[i], i + 1, line[i]));
            }
        }
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line, 0, lengthBytes));
            return new Frame(text.toString(), null);
        } catch (CharacterCodingException e) {
            return new Frame(null, "the line is not UTF-8 (" + e.getMessage() + ")");
        }
    }
}
