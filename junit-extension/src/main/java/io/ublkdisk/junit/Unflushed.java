package io.ublkdisk.junit;

import io.ublkdisk.block.Operation;
import io.ublkdisk.fault.Ranges;
import io.ublkdisk.protocol.UnflushedChange;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apiguardian.api.API;

/**
 * What a power cut at the moment of asking could take: changes that the disk has acknowledged and not made durable. What the
 * kernel has not sent to the disk yet is not among them, and would be lost as well.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public final class Unflushed {
    private static final int LINES = 20;

    /**
     * One of them.
     *
     * @param files the bytes of files of which it is, on ext4 and XFS; none for what belongs to the filesystem itself (its
     *     journal, a folder), to a deleted file, and on btrfs, which does not say where its files lie
     */
    public record Write(UnflushedChange change, List<FilePart> files) {
        @Override
        public String toString() {
            return change
                    + (files.isEmpty()
                            ? ""
                            : ": " + files.stream().map(FilePart::toString).collect(Collectors.joining(", ")));
        }
    }

    private final List<Write> writes;

    /** Makes one of these changes, the oldest first. For the implementation of {@link Disk#unflushed}. */
    @API(status = API.Status.INTERNAL)
    public Unflushed(List<Write> writes) {
        this.writes = List.copyOf(writes);
    }

    /** Returns the changes, the oldest first. */
    public List<Write> writes() {
        return writes;
    }

    /** Returns how many changes. */
    public int count() {
        return writes.size();
    }

    /** Returns whether a power cut would take nothing. */
    public boolean isEmpty() {
        return writes.isEmpty();
    }

    /** Returns how many bytes were written with them; discards and write-zeroes have none. */
    public long lengthBytes() {
        return writes.stream()
                .map(Write::change)
                .filter(change -> change.operation() == Operation.WRITE)
                .mapToLong(UnflushedChange::lengthBytes)
                .sum();
    }

    /** Returns their sectors, of 512 bytes; sectors that were changed twice are there once. */
    public Ranges sectors() {
        return Ranges.merged(writes.stream()
                .map(write -> Ranges.ofLength(
                        write.change().sectors().first(),
                        write.change().sectors().count()))
                .toList());
    }

    /** Returns the files that would lose something, as far as the filesystem says; see {@link Write#files}. */
    public Set<Path> files() {
        return writes.stream()
                .flatMap(write -> write.files().stream())
                .map(FilePart::path)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the changes, one a line, after a line with their sum. */
    @Override
    public String toString() {
        String lines = writes.stream().limit(LINES).map(write -> "\n  " + write).collect(Collectors.joining());
        return (count() == 1 ? "1 change, " : count() + " changes, ")
                + lengthBytes() + " bytes"
                + lines
                + (count() > LINES ? "\n  and " + (count() - LINES) + " more" : "");
    }
}
