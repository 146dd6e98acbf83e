package io.ublkdisk.junit.engine.files;

import io.ublkdisk.fault.Ranges;
import io.ublkdisk.junit.FilePart;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a file lies on its disk, as its filesystem says: FIEMAP, asked through {@code filefrag} of e2fsprogs in a process of
 * its own, with delayed writes written first. (Why not by a system call: docs/decisions/20261122-file-match.md.)
 *
 * <p>A byte has an address on the disk only where its extent is plainly there. In a hole there is none; unwritten, inline and
 * encoded extents have one that is never read or not the byte's own; and btrfs answers with addresses of its own, which only
 * its chunk tree can turn into the device's.
 */
public final class FileExtents {
    private static final int LIMIT_SECONDS = 60;
    private static final String EXT = "ef53";
    private static final String XFS = "58465342";
    private static final String BTRFS = "9123683e";
    /** The flags of an extent that is plainly there. */
    private static final Set<String> HARMLESS = Set.of("last", "eof", "merged", "shared");

    private static final Pattern TYPE = Pattern.compile("Filesystem type is: ([0-9a-f]+)");
    /** Begins what is said of each. */
    private static final Pattern FILE = Pattern.compile("^File size of ", Pattern.MULTILINE);

    private static final Pattern EXTENT = Pattern.compile(
            " *\\d+: +(\\d+)\\.\\. *(\\d+): +(\\d+)\\.\\. *(\\d+): +(\\d+):(?: +(\\d+):)?(?: +([a-z_,]+))?");

    /** In sectors of 512 bytes, from the file's beginning and from the disk's. */
    private record Extent(long first, long last, long diskFirst, List<String> flags) {}

    private final FilePart part;

    public FileExtents(FilePart part) {
        this.part = part;
    }

    /**
     * Returns the sectors that have a byte of that part.
     *
     * @throws IllegalArgumentException if one of its bytes has no sector of its own, naming file, byte and remedy
     * @throws IOException if the file cannot be asked about
     */
    public Ranges sectors() throws IOException {
        Path path = part.path();
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException(path + " is no file; aim at one, or name sectors");
        }
        long size = Files.size(path);
        if (part.firstByte() >= size || part.lastByte() != Long.MAX_VALUE && part.lastByte() >= size) {
            throw new IllegalArgumentException(
                    part + ": the file has " + size + " bytes; name bytes that it has, or write them first");
        }
        return sectorsIn(filefrag(List.of("-s"), List.of(path)), size);
    }

    /** Returns the sectors that filefrag names for a file of that size. */
    Ranges sectorsIn(String said, long size) {
        checkType(said);
        List<Extent> extents = extents(said);
        List<Ranges> found = new ArrayList<>();
        long last = Math.min(part.lastByte(), size - 1) / 512;
        long next = part.firstByte() / 512;
        for (Extent extent : extents) {
            if (extent.last() < next || next > last) {
                continue;
            }
            if (extent.first() > next) {
                break;
            }
            checkFlags(extent, next);
            long end = Math.min(extent.last(), last);
            found.add(Ranges.ofLength(extent.diskFirst() + next - extent.first(), end - next + 1));
            next = end + 1;
        }
        if (next <= last) {
            throw new IllegalArgumentException(
                    part + ": byte " + next * 512 + " lies in a hole, which is nowhere on the disk; write it first");
        }
        return Ranges.merged(found);
    }

    /**
     * Returns where files lie that are on ext4 or XFS; nothing of what has no certain place, and of other filesystems. What has
     * not been written to the disk yet has none, and is not written for this.
     */
    static List<FileMap.Place> places(List<Path> files) throws IOException {
        String said = filefrag(List.of(), files);
        Matcher type = TYPE.matcher(said);
        if (!type.find() || !Set.of(EXT, XFS).contains(type.group(1))) {
            return List.of();
        }
        String[] parts = FILE.split(said);
        if (parts.length != files.size() + 1) {
            throw new IOException(
                    "filefrag was asked about " + files.size() + " files and speaks of " + (parts.length - 1));
        }
        List<FileMap.Place> places = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            extents(parts[i + 1]).stream()
                    .filter(extent -> extent.flags().stream().allMatch(FileExtents::hasPlace))
                    .forEach(extent -> places.add(new FileMap.Place(
                            file, extent.diskFirst(), extent.last() - extent.first() + 1, extent.first())));
        }
        return places;
    }

    /** Returns whether an extent with that flag belongs to the file. An unwritten one does, though no read comes there yet. */
    private static boolean hasPlace(String flag) {
        return HARMLESS.contains(flag) || flag.equals("unwritten");
    }

    private void checkType(String said) {
        Matcher type = TYPE.matcher(said);
        String magic = type.find() ? type.group(1) : "unknown";
        if (magic.equals(BTRFS)) {
            throw new IllegalArgumentException(
                    part + ": btrfs does not say where on the device a file lies, only where in"
                            + " its own space; use ext4 or XFS, or a rule that says containing \"…\"");
        }
        if (!magic.equals(EXT) && !magic.equals(XFS)) {
            throw new IllegalArgumentException(part + ": it is on a filesystem (magic " + magic
                    + ") of which we do not know that its extents are the device's; use ext4 or XFS, or a rule that says"
                    + " containing \"…\"");
        }
    }

    private void checkFlags(Extent extent, long sector) {
        String where = part + ": byte " + sector * 512;
        for (String flag : extent.flags()) {
            switch (flag) {
                case "unwritten" ->
                    throw new IllegalArgumentException(
                            where + " is allocated and was never written, so that a read does"
                                    + " not reach the disk; write it first");
                case "inline", "not_aligned" ->
                    throw new IllegalArgumentException(
                            where + " is kept within the filesystem's own metadata, because the"
                                    + " file is small; make the file larger than a block, or format without inline data");
                case "encoded", "encrypted" ->
                    throw new IllegalArgumentException(
                            where + " is compressed or encrypted, so that no sector is its own;"
                                    + " switch that off for the file, or aim at whole files");
                default -> {
                    if (!HARMLESS.contains(flag)) {
                        throw new IllegalArgumentException(where + " has no certain place on the disk yet (" + flag
                                + "); force the file, then aim");
                    }
                }
            }
        }
    }

    private static List<Extent> extents(String said) {
        List<Extent> extents = new ArrayList<>();
        said.lines().map(EXTENT::matcher).filter(Matcher::matches).forEach(line -> {
            String flags = line.group(7);
            extents.add(new Extent(
                    Long.parseLong(line.group(1)),
                    Long.parseLong(line.group(2)),
                    Long.parseLong(line.group(3)),
                    flags == null ? List.of() : List.of(flags.split(","))));
        });
        return extents;
    }

    /** Runs filefrag as a program of its own, because it may wait for the disk, and a rule may hold what it waits for. */
    private static String filefrag(List<String> options, List<Path> files) throws IOException {
        List<String> command = new ArrayList<>(List.of("filefrag", "-v", "-b512"));
        command.addAll(options);
        files.forEach(file -> command.add(file.toString()));
        String path = files.size() == 1 ? files.get(0).toString() : files.size() + " files";
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        Process process;
        try {
            process = builder.directory(new File("/")).redirectErrorStream(true).start();
        } catch (IOException absent) {
            throw new IOException("filefrag cannot be run (" + absent.getMessage() + "); it is in e2fsprogs", absent);
        }
        CompletableFuture<String> said = CompletableFuture.supplyAsync(() -> {
            try {
                return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException gone) {
                return gone.getMessage();
            }
        });
        try {
            String text = said.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (process.waitFor(1, TimeUnit.SECONDS) && process.exitValue() == 0) {
                return text;
            }
            throw new IOException(path + ": the filesystem does not say where it lies: " + text.strip());
        } catch (TimeoutException e) {
            throw new IOException(
                    path + ": no answer within " + LIMIT_SECONDS
                            + " s of where it lies; is a request of the disk held? Aim before you arm the rule",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking where " + path + " lies", e);
        } catch (ExecutionException e) {
            throw new IOException(path + ": " + e.getCause(), e);
        } finally {
            process.destroyForcibly();
        }
    }
}
