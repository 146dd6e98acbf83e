package io.ublkdisk.control;

import io.ublkdisk.journal.Entry;
import io.ublkdisk.protocol.JournalFields;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.ProtocolLine;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * What is left of a disk of a failed test, in one zip file:
 *
 * <pre>
 *   bundle         what it was: the disk's specification, seed, kernel, versions, hash; one key=value a line
 *   script.fault   its rules                          journal   what happened to it, as a journal's file
 *   report.txt     for people                         log       its bytes: a log of dm-log-writes, up to the mark
 *                                                               ublkdisk-start as it began, and then as it was left
 * </pre>
 *
 * Other programs read it too: {@code unzip -p FILE log > log}.
 *
 * @param about the lines of {@code bundle}
 * @param script the rules, in the fault language; may be empty
 * @param hasLog whether its bytes are there
 */
public record Bundle(Path file, KeyValues about, String script, boolean hasLog) {
    private static final long VERSION = 1;
    private static final String ABOUT = "bundle";
    private static final String SCRIPT = "script.fault";
    private static final String JOURNAL = "journal";
    private static final String REPORT = "report.txt";
    private static final String LOG = "log";
    private static final long LONGEST_TEXT = 16 << 20;

    /**
     * What goes into one.
     *
     * @param about of the disk and the machine
     * @param log empty: the bytes cannot be had
     */
    public record Content(KeyValues about, String script, String report, List<Entry> journal, Optional<Path> log) {
        /** Writes it; what was there before is gone. Half of one is useless, and is taken away. */
        public void write(Path file) throws IOException {
            try {
                fill(file);
            } catch (IOException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        }

        private void fill(Path file) throws IOException {
            try (OutputStream out = Files.newOutputStream(file);
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                StringBuilder lines = new StringBuilder("version=" + VERSION + "\n");
                about.map()
                        .forEach((key, value) -> lines.append(ProtocolLine.join(key + "=" + value))
                                .append('\n'));
                put(zip, ABOUT, lines.toString());
                put(zip, SCRIPT, script);
                put(zip, REPORT, report);
                StringBuilder entries = new StringBuilder(JournalFields.header(about) + "\n");
                journal.forEach(
                        entry -> entries.append(JournalFields.of(entry).line()).append('\n'));
                put(zip, JOURNAL, entries + JournalFields.END + "\n");
                if (log.isPresent()) {
                    zip.putNextEntry(new ZipEntry(LOG));
                    Files.copy(log.get(), zip);
                }
            }
        }

        private static void put(ZipOutputStream zip, String name, String text) throws IOException {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Returns whether that file begins as a zip does. */
    static boolean looksLikeOne(Path path) throws IOException {
        try (var file = Files.newInputStream(path)) {
            byte[] start = file.readNBytes(4);
            return start.length == 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
        }
    }

    /** @throws IOException if it is no bundle, of another version, or damaged */
    public static Bundle read(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry first = zip.getEntry(ABOUT);
            if (first == null) {
                throw new IOException(
                        file + " is a zip file and no bundle of ublkdisk: it has no entry '" + ABOUT + "'");
            }
            KeyValues about = KeyValues.parse(new ProtocolLine(text(zip, first).replace('\n', ' ')));
            if (about.number("version", -1) != VERSION) {
                throw new IOException(file + " is a bundle of version "
                        + about.text("version").orElse("none") + "; this reads version " + VERSION);
            }
            ZipEntry script = zip.getEntry(SCRIPT);
            return new Bundle(file, about, script == null ? "" : text(zip, script), zip.getEntry(LOG) != null);
        } catch (ZipException | EOFException e) {
            throw new IOException(file + " is no bundle of ublkdisk, or is cut off: " + e, e);
        } catch (ProtocolException | IllegalArgumentException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    private static String text(ZipFile zip, ZipEntry entry) throws IOException {
        if (entry.getSize() > LONGEST_TEXT) {
            throw new IOException(zip.getName() + " is damaged: its entry '" + entry.getName() + "' has "
                    + entry.getSize() + " bytes, and is a text");
        }
        try (var in = zip.getInputStream(entry)) {
            return new String(in.readNBytes((int) LONGEST_TEXT), StandardCharsets.UTF_8);
        }
    }

    /** Puts its log into a file. @throws IOException if it has none, or cannot be read */
    void extractLog(Path to) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry log = zip.getEntry(LOG);
            if (log == null) {
                throw new IOException(file + " has not the bytes of the disk, because "
                        + about.text("no-log").orElse("they were not kept"));
            }
            try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(log), new CRC32());
                    OutputStream out = Files.newOutputStream(to)) {
                in.transferTo(out);
                if (in.getChecksum().getValue() != log.getCrc()) {
                    throw new ZipException("the checksum of its log is another");
                }
            }
        } catch (ZipException | EOFException e) {
            throw new IOException(file + " is damaged: " + e, e);
        }
    }

    /**
     * Returns the specification of a disk as the recorded disk was, with its script and its seed.
     *
     * @param mark the last of its log that counts; null for all of it
     * @throws IOException if that cannot be, for what is in it
     */
    public DiskSpec spec(String mark) throws IOException {
        try {
            DiskSpec.Builder spec =
                    DiskSpec.parse(KeyValues.parse(
                                    new ProtocolLine(about.text("spec").orElse(""))))
                            .toBuilder()
                            .script(script.isBlank() ? null : script)
                            .seed(about.number("seed", 0));
            return spec.replay(file.toAbsolutePath(), mark).build();
        } catch (ProtocolException | IllegalArgumentException e) {
            throw new IOException(file + " has a disk that cannot be: " + e.getMessage(), e);
        }
    }
}
