package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.junit.FilePart;
import io.ublkdisk.junit.engine.files.FileMap;
import io.ublkdisk.protocol.Report;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/** Takes the power of a disk, and notes what that took. */
final class PowerCuts {
    private PowerCuts() {}

    /**
     * Takes it, and gives it back. A disk whose files can be named is asked for them in between.
     *
     * @param keep what survives, in the words of the fault language
     * @return what was lost, in words
     * @throws IllegalStateException if the power is off
     * @throws IOException if it cannot be mounted again; it has power then
     */
    static String cycle(DiskHandle disk, String keep, long seed) throws IOException {
        Script.parseKeep(keep);
        if (namesFiles(disk)) {
            Report.Cut cut = taken(() -> disk.remote().cutPower(keep, seed));
            disk.observations().cut(cut.text(), files(disk, cut));
            disk.powerOn();
            return cut.text();
        }
        Report.Cycle cycle = taken(() -> disk.remote().powerCycle(keep, seed, Duration.ZERO));
        disk.observations().cut(cycle.cut().text(), List.of());
        if (cycle.problem().isPresent()) {
            throw new DiskException(cycle.problem().get());
        }
        return cycle.cut().text();
    }

    /**
     * Takes it.
     *
     * @param keep what survives, in the words of the fault language
     * @return what was lost, in words
     * @throws IllegalStateException if the power is off
     */
    static String cut(DiskHandle disk, String keep, long seed) {
        Script.parseKeep(keep);
        Report.Cut cut = taken(() -> disk.remote().cutPower(keep, seed));
        disk.observations().cut(cut.text(), List.of());
        return cut.text();
    }

    private interface Call<T> {
        T run() throws DiskException;
    }

    private static <T> T taken(Call<T> call) {
        try {
            return call.run();
        } catch (ServerDiedException e) {
            throw new UncheckedIOException(e);
        } catch (DiskException refused) {
            throw new IllegalStateException(refused.getMessage(), refused);
        }
    }

    /** Returns whether a cut can lose changes of files, and the filesystem tells which. */
    private static boolean namesFiles(DiskHandle disk) {
        return disk.isMounted()
                && disk.settings().spec().volatileCache()
                && disk.settings().spec().fileSystem() != FileSystem.BTRFS;
    }

    /**
     * Asks the filesystem, which has no power by now and is as it was when the power went: rules do not count what it reads, and
     * nothing of it waits. What it does not know is left out.
     */
    private static List<FilePart> files(DiskHandle disk, Report.Cut cut) {
        if (cut.changes().isEmpty()) {
            return List.of();
        }
        try {
            return FileMap.some(disk.mountPoint()).parts(cut.changes());
        } catch (RuntimeException unknown) {
            return List.of(); // the power is to come back all the same
        }
    }
}
