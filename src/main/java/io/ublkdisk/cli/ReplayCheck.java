package io.ublkdisk.cli;

import io.ublkdisk.journal.FileTarget;
import io.ublkdisk.journal.LogEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;

/** A command that looks at a disk again and again while a log is replayed onto it. */
final class ReplayCheck {
    private final Predicate<LogEntry> when;
    private final String shell;
    private final Path disk;
    private long entries;
    private long count;

    /** @throws IllegalArgumentException if that is no time to look */
    ReplayCheck(String when, String shell, Path disk) {
        this.when = parse(when);
        this.shell = shell;
        this.disk = disk;
    }

    private Predicate<LogEntry> parse(String text) {
        switch (text) {
            case "flush":
                return LogEntry::isFlush;
            case "fua":
                return LogEntry::isFua;
            default:
                if (!text.matches("[1-9][0-9]{0,17}")) {
                    throw new IllegalArgumentException(
                            "--check " + text + ": write flush, fua, or a number of entries");
                }
                long every = Long.parseLong(text);
                return entry -> entries % every == 0;
        }
    }

    long count() {
        return count;
    }

    /** @throws IOException if the command fails, with what it said */
    void after(LogEntry entry, FileTarget target) throws IOException {
        entries++;
        if (!when.test(entry)) {
            return;
        }
        target.sync();
        count++;
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", shell).redirectErrorStream(true);
        restoreLocale(builder.environment());
        builder.environment().put("REPLAYED_TO", disk.toString());
        builder.environment().put("REPLAYED_ENTRY", Long.toString(entry.number()));
        Process process = builder.start();
        process.getOutputStream().close();
        try (InputStream said = process.getInputStream()) {
            String text = new String(said.readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("after entry " + entry + " '" + shell + "' ends with exit status " + status + "; "
                        + disk + " is left as it is then" + (text.isEmpty() ? "" : "\n" + text.indent(2)));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while '" + shell + "' ran", e);
        }
    }

    /** Gives the user's command the locale with which the program was called; the stub has kept it. */
    static void restoreLocale(Map<String, String> environment) {
        String kept = environment.remove("UBLKDISK_LC_ALL");
        if (kept == null) {
            return;
        }
        if (kept.isEmpty()) {
            environment.remove("LC_ALL");
        } else {
            environment.put("LC_ALL", kept.substring(1));
        }
    }
}
