package io.ublkdisk.junit;

import io.ublkdisk.crash.Sample;
import io.ublkdisk.protocol.DiskStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apiguardian.api.API;

/**
 * A disk that a test holds: a block device of this machine's kernel, served by a process of its own. Open it, mount it,
 * read and write it with plain file I/O; through this handle the test makes it fail and asks what happened.
 *
 * <p>Safe for use by several threads. Every method but {@link #device()} and {@code toString()} asks the disk server, and
 * throws {@link io.ublkdisk.control.ServerDiedException} (or an {@link java.io.UncheckedIOException} of it) when that has
 * died. The annotation or method that gave the disk takes it away: there is nothing to close.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public interface Disk {
    /** Returns the block device, for instance {@code /dev/ublkb0}. */
    Path device();

    /**
     * Returns the folder where the filesystem is mounted, the same for the disk's whole life.
     *
     * @throws IllegalStateException if the disk is not mounted
     */
    Path mountPoint();

    /** Returns a path under {@link #mountPoint()}. */
    default Path path(String first, String... more) {
        Path path = mountPoint().resolve(first);
        for (String name : more) {
            path = path.resolve(name);
        }
        return path;
    }

    /** Returns whether the filesystem is mounted now. */
    boolean isMounted();

    /**
     * Takes the filesystem off, so that all is written to the disk and nothing of it stays in memory.
     *
     * @throws IOException if files are open on it, and then it stays mounted; the message says who has which
     */
    void unmount() throws IOException;

    /**
     * Puts the filesystem back where it was.
     *
     * @throws IOException if the kernel refuses, as it does when what it reads makes no sense to it
     */
    void mount() throws IOException;

    /** {@link #unmount()} and {@link #mount()}: what is read afterwards comes from the disk. */
    void remount() throws IOException;

    /**
     * Forgets what the kernel remembers of files and devices but need not write: clean pages of the page cache, of the
     * whole machine, for there is no way to ask for one disk's. Afterwards a buffered read reaches the disk. What is not
     * written yet stays; {@code force} it first. Costs other processes their cached files, nothing else.
     */
    void evict() throws IOException;

    /**
     * Cuts the power and gives it back: what was written and not flushed is lost, what the kernel still had in memory for
     * this disk too. The filesystem is taken off without a chance to write back, and mounted again when the power is back.
     *
     * <p>While this process has files on it open, they stay open and fail, as they do for a program that outlives its disk; and
     * the disk comes back as another {@link #device()}, because the kernel keeps the old one, and what it has of it in memory,
     * until the last of them is closed. Close them all before the test ends.
     *
     * @return what was lost, in words
     * @throws IOException if it cannot be mounted afterwards
     */
    default String powerCut() throws IOException {
        return powerCut("none");
    }

    /**
     * Returns the same, and something of what was not flushed survives.
     *
     * @param keep what survives, in the words of the fault language's {@code power-cut keep}: {@code "none"}, {@code "all"},
     *     {@code "random 0.5"}, {@code "first 3"}, {@code "only 4,7..9"}, all but the first also torn: {@code "all torn"},
     *     {@code "random 0.5 torn subset garbage"}. Its chance comes from the disk's seed and the number of the cut
     * @throws IllegalArgumentException if these are no such words
     */
    String powerCut(String keep) throws IOException;

    /**
     * Takes the power and nothing else: what was written and not flushed is lost, every request fails from now on, also those
     * in flight or held by a rule, and files may be open. The filesystem finds out by itself. {@link #powerOn} brings it back.
     *
     * @return what was lost, in words
     * @throws IllegalStateException if the power is off already
     */
    default String powerOff() {
        return powerOff("none");
    }

    /** Returns the same, and something of what was not flushed survives, as for {@link #powerCut(String)}. */
    String powerOff(String keep);

    /**
     * Gives the power back after {@link #powerOff} or a {@code power-cut} of a script: what is left of the filesystem is taken
     * off, what the kernel still had in memory for the disk is dropped, and it is mounted again if it was. Does nothing if the
     * power is on. With files open it comes back as another device, see {@link #powerCut}.
     *
     * @throws IOException if it cannot be mounted
     */
    void powerOn() throws IOException;

    /**
     * Returns what a power cut now would take: acknowledged and not durable. Costs nothing and changes nothing; of files on
     * ext4 and XFS it knows the names and bytes.
     */
    Unflushed unflushed();

    /**
     * Keeps its bytes under a name, in a moment however large it is; an earlier snapshot of that name is forgotten. They are
     * what reads of the device see: what a filesystem has only in memory is not among them, so {@code force} it, or {@link
     * #unmount} first.
     */
    void snapshot(String name);

    /**
     * Goes back to the bytes of that name, all of them durable: unmounted for it, and mounted again if it was.
     *
     * @throws IOException if files are open on it, and then nothing has happened; or if it cannot be mounted
     * @throws IllegalArgumentException if there is no snapshot of that name
     */
    void rewind(String name) throws IOException;

    /**
     * Returns a second disk that is what a power cut at this moment would leave; this one goes on, also while programs write.
     * It is mounted, in a folder of its own, if this one is a filesystem's; it has no rules.
     *
     * @param keep what survives, as for {@link #powerCut(String)}
     * @return to be closed when it has been looked at; the end of the test, or of the try of a property, closes it too
     * @throws IOException if it cannot be mounted, which may be what the crash has done to its filesystem
     */
    ForkedDisk crashImage(String keep) throws IOException;

    /** Makes a second disk as {@link #crashImage} does, without losing anything that the disk has acknowledged. */
    default ForkedDisk fork() throws IOException {
        return crashImage("all");
    }

    /**
     * Keeps from now on every change, flush and mark of the disk in memory, for {@link #crashStates}; what was recorded before
     * is forgotten. A crash before this point is of no interest.
     */
    void record();

    /** Returns the crash states as {@link #crashStates(Sample)} does, with {@link Sample#DEFAULT}. */
    default CrashStates crashStates() throws IOException {
        return crashStates(Sample.DEFAULT);
    }

    /**
     * Ends what {@link #record} began, and gives the disks that a crash at any point of it could have left; this one goes on.
     *
     * @param sample which of them, where all are too many
     * @return to be closed when they have been looked at; the end of the test, or of the try of a property, closes it too
     * @throws IllegalStateException if nothing was recorded
     * @throws IOException if the recording ended before its time, by a power cut for instance
     */
    CrashStates crashStates(Sample sample) throws IOException;

    /**
     * Says that the test has come so far: the lines of its scripts that wait for {@code at mark "text"} are done before
     * this returns, each once.
     *
     * @return how many had waited for it
     * @throws IllegalStateException if the power was cut, and {@link #stopMarksAtCut} was called before
     */
    int mark(String text);

    /**
     * Returns the marks that were set before the power was cut last, by {@link #powerCut}, {@link #powerOff}, a breakpoint or a
     * script, the oldest first: what a program had promised by then. A program that writes through the page cache does not
     * notice a cut for many seconds, and promises more; those marks are not among them, nor is one that came just with the cut.
     *
     * @throws IllegalStateException if the power has not been cut
     */
    List<String> marksAtCut();

    /**
     * Has {@link #mark} refused from the next power cut on with an {@link IllegalStateException}, also when the power is back;
     * until this is called again. So a program that sets marks stops at its next one after the cut.
     */
    void stopMarksAtCut();

    /** Returns the rules that make this disk fail. */
    Faults faults();

    /** Returns the process that serves this disk: for tests of what happens when it dies. */
    DiskServer server();

    /** Returns what the disk has been asked and has done, since it was made, or since its server was last recovered. */
    DiskStats stats();
}
