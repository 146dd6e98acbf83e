package io.ublkdisk.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The arguments of the command line as UTF-8, whatever the locale: a JVM that was started under {@code LC_ALL=C} has read them as
 * ASCII, and what is not ASCII is lost.
 */
final class Arguments {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private Arguments() {}

    /** @throws IllegalArgumentException if one is not UTF-8, naming it */
    static String[] inUtf8(String[] read) {
        if (Arrays.stream(read).allMatch(text -> text.chars().allMatch(c -> c < 0x80))) {
            return read;
        }
        try {
            return inUtf8(read, Files.readAllBytes(COMMAND_LINE));
        } catch (IOException e) {
            return read; // without /proc the JVM's reading is all there is
        }
    }

    /** @param commandLine all words of the process, each with a zero behind it; ours are the last */
    static String[] inUtf8(String[] read, byte[] commandLine) {
        List<byte[]> words = new ArrayList<>();
        int start = 0;
        for (int at = 0; at < commandLine.length; at++) {
            if (commandLine[at] == 0) {
                words.add(Arrays.copyOfRange(commandLine, start, at));
                start = at + 1;
            }
        }
        int before = words.size() - read.length;
        if (before < 0) {
            return read;
        }
        String[] arguments = new String[read.length];
        for (int i = 0; i < read.length; i++) {
            arguments[i] = decode(i + 1, words.get(before + i));
        }
        return arguments;
    }

    private static String decode(int number, byte[] word) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(word))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "argument " + number + ", '" + new String(word, StandardCharsets.UTF_8)
                            + "', is not UTF-8; write it in UTF-8, and single bytes of a rule as \\xff in quotes",
                    e);
        }
    }
}
