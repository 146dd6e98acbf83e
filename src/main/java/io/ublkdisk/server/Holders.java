package io.ublkdisk.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who keeps a mount busy, by what {@code /proc} says: open files, mapped files, current and root folders. Only links are
 * read, so that no filesystem is asked, which may be the one that hangs.
 */
final class Holders {
    private static final Path PROC = Path.of("/proc");
    /** Enough to find the culprit. */
    private static final int LIMIT = 20;

    private Holders() {}

    /** One line each: process, how, which file. */
    static List<String> under(Path where) {
        Set<String> found = new LinkedHashSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                for (String link : List.of("cwd", "root", "exe")) {
                    add(found, process, link, process.resolve(link), where);
                }
                addAll(found, process, "open", where, "fd");
                addAll(found, process, "mapped", where, "map_files");
                if (found.size() >= LIMIT) {
                    break;
                }
            }
        } catch (IOException e) {
            found.add("unknown, /proc cannot be listed: " + e.getMessage());
        }
        return new ArrayList<>(found);
    }

    private static void addAll(Set<String> found, Path process, String how, Path where, String folder) {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(process.resolve(folder))) {
            for (Path link : links) {
                add(found, process, how, link, where);
            }
        } catch (IOException | RuntimeException gone) {
            // The process has ended, and holds nothing any more.
            return;
        }
    }

    private static void add(Set<String> found, Path process, String how, Path link, Path where) {
        try {
            Path target = Files.readSymbolicLink(link);
            if (found.size() < LIMIT && target.startsWith(where)) {
                found.add("process " + process.getFileName() + " (" + command(process) + ") " + how + " " + target);
            }
        } catch (IOException | RuntimeException gone) {
            // So has this file.
            return;
        }
    }

    private static String command(Path process) throws IOException {
        return Files.readString(process.resolve("comm")).strip();
    }
}
