package io.ublkdisk.junit.engine.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who still holds something under a path open, read from {@code /proc}: descriptors, mapped files, and current folders
 * of every process that this one may look at. Processes come and go while one looks, so what vanishes is passed over.
 */
public final class FileUsers {
    private static final Path PROC = Path.of("/proc");
    private static final Path DEV = Path.of("/dev");

    private FileUsers() {}

    /** Returns a line for each thing that is open under {@code path}, or {@code path} itself: process, what, which file. */
    public static List<String> under(Path path) {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                collect(process, path, found);
            }
        } catch (IOException noProc) {
            found.add("unknown, /proc cannot be listed: " + noProc.getMessage());
        }
        return found;
    }

    /** Returns the same for this process only, which is what a test can be blamed for at once. */
    public static List<String> ofThisProcessUnder(Path path) {
        List<String> found = new ArrayList<>();
        collect(PROC.resolve(Long.toString(ProcessHandle.current().pid())), path, found);
        return found;
    }

    /** Returns what this process and its children have open of a block device, whole or a partition. */
    public static List<String> ofDevice(Path device) {
        return of(
                device,
                Stream.concat(
                        Stream.of(ProcessHandle.current()),
                        ProcessHandle.current().descendants()));
    }

    /** Returns the same of this process alone. */
    public static List<String> ofThisProcess(Path device) {
        return of(device, Stream.of(ProcessHandle.current()));
    }

    private static List<String> of(Path device, Stream<ProcessHandle> processes) {
        Set<Long> numbers = BlockNumbers.of(device);
        List<String> found = new ArrayList<>();
        processes.forEach(process -> collect(PROC.resolve(Long.toString(process.pid())), numbers, found));
        return found;
    }

    private static void collect(Path process, Set<Long> numbers, List<String> found) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                // Files are asked for their number only where devices are: another filesystem might not answer.
                target(descriptor, DEV)
                        .filter(file -> BlockNumbers.isOneOf(descriptor, numbers))
                        .ifPresent(file ->
                                found.add(name(process) + ": descriptor " + descriptor.getFileName() + " on " + file));
            }
        } catch (IOException gone) {
            return;
        }
    }

    private static void collect(Path process, Path path, List<String> found) {
        List<String> held = new ArrayList<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                target(descriptor, path)
                        .ifPresent(file -> held.add("descriptor " + descriptor.getFileName() + " on " + file));
            }
        } catch (IOException gone) {
            return;
        }
        target(process.resolve("cwd"), path).ifPresent(folder -> held.add("current folder " + folder));
        target(process.resolve("root"), path).ifPresent(folder -> held.add("root folder " + folder));
        mapped(process, path).forEach(file -> held.add("mapping of " + file));
        if (!held.isEmpty()) {
            String who = name(process);
            held.forEach(what -> found.add(who + ": " + what));
        }
    }

    private static Optional<Path> target(Path link, Path under) {
        try {
            Path target = Files.readSymbolicLink(link);
            return target.startsWith(under) ? Optional.of(target) : Optional.empty();
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static List<String> mapped(Path process, Path under) {
        try (Stream<String> lines = Files.lines(process.resolve("maps"))) {
            return lines.map(line -> line.substring(Math.max(0, line.indexOf('/'))))
                    .filter(file -> file.startsWith(under + "/"))
                    .distinct()
                    .collect(Collectors.toList());
        } catch (IOException | UncheckedIOException gone) {
            return List.of();
        }
    }

    private static String name(Path process) {
        boolean self = process.getFileName()
                .toString()
                .equals(Long.toString(ProcessHandle.current().pid()));
        String comm;
        try {
            comm = Files.readString(process.resolve("comm")).trim();
        } catch (IOException gone) {
            comm = "gone by now";
        }
        return "process " + process.getFileName() + " (" + (self ? "this test's JVM" : comm) + ")";
    }
}
