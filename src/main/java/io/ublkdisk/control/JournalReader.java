package io.ublkdisk.control;

import io.ublkdisk.journal.Entry;
import io.ublkdisk.protocol.JournalFields;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.ProtocolLine;
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
 * The file of a journal, read: what a disk was, and what happened to it.
 *
 * @param about the disk, as {@link DiskInfo} has it, and {@code log-writes}, the file with the data, where there is one
 * @param lost how many entries came too fast to be written
 * @param isWhole whether the last line is there: the journal was ended, and not cut off with its writer
 */
public record JournalReader(KeyValues about, List<Entry> entries, long lost, boolean isWhole) {

    /** Returns whether that file begins as one. */
    public static boolean looksLikeOne(Path path) throws IOException {
        byte[] start = (JournalFields.FIRST_WORD + " ").getBytes(StandardCharsets.UTF_8);
        try (var file = Files.newInputStream(path)) {
            return Arrays.equals(file.readNBytes(start.length), start);
        }
    }

    /** @throws IOException if it is no journal, of another version, or damaged: with the file, the line and what is wrong */
    public static JournalReader read(Path path) throws IOException {
        String text = text(path);
        List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
        String unfinished = lines.remove(lines.size() - 1); // all that is behind the last line feed
        if (lines.isEmpty() || !lines.get(0).startsWith(JournalFields.FIRST_WORD + " ")) {
            throw new IOException(path + " is no journal of ublkdisk: its first line does not begin with "
                    + JournalFields.FIRST_WORD);
        }
        KeyValues about = about(path, lines.get(0));
        List<Entry> entries = new ArrayList<>();
        long lost = 0;
        boolean ended = false;
        for (int i = 1; i < lines.size(); i++) {
            if (ended) {
                throw wrong(path, i, "something behind the end");
            }
            try {
                if (lines.get(i).equals(JournalFields.END)) {
                    ended = true;
                } else if (lines.get(i).startsWith("lost=")) {
                    lost += KeyValues.parse(new ProtocolLine(lines.get(i))).number("lost", 0);
                } else {
                    entries.add(JournalFields.parse(KeyValues.parse(new ProtocolLine(lines.get(i)))));
                }
            } catch (ProtocolException | IllegalArgumentException e) {
                throw wrong(path, i, e.getMessage());
            }
        }
        if (ended && !unfinished.isEmpty()) {
            throw wrong(path, lines.size(), "something behind the end");
        }
        return new JournalReader(about, List.copyOf(entries), lost, ended);
    }

    private static String text(Path path) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(path)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException(path + " is no journal of ublkdisk: it is not UTF-8", e);
        }
    }

    private static KeyValues about(Path path, String line) throws IOException {
        KeyValues about;
        long version;
        try {
            ProtocolLine words = new ProtocolLine(line);
            words.next("a word");
            about = KeyValues.parse(words);
            version = about.number("version", -1);
        } catch (ProtocolException | IllegalArgumentException e) {
            throw wrong(path, 0, e.getMessage());
        }
        if (version != JournalFields.VERSION) {
            throw new IOException(path + " is a journal of version "
                    + about.text("version").orElse("none") + "; this reads version " + JournalFields.VERSION);
        }
        return about;
    }

    private static IOException wrong(Path path, int line, String what) {
        return new IOException(path + " is damaged in line " + (line + 1) + ": " + what);
    }
}
