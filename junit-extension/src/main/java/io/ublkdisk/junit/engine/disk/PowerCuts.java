package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.junit.FilePart;
import io.ublkdisk.junit.engine.files.FileMap;
import io.ublkdisk.script.Script;
import java.io.UncheckedIOException;
import java.util.List;

/** Takes the power of a disk, and notes what that took. */
final class PowerCuts {
    private PowerCuts() {}

    /**
     * Takes it.
     *
     * @param keep what survives, in the words of the fault language
     * @param naming whether to find out of which files the cut took something
     * @return what was lost, in words
     * @throws IllegalStateException if the power is off
     */
    static String cut(DiskHandle disk, String keep, long seed, boolean naming) {
        Script.parseKeep(keep);
        try {
            RemoteDisk.Cut cut = disk.remote().cutPower(keep, seed);
            disk.observations().cut(cut.text(), naming ? files(disk, cut) : List.of());
            return cut.text();
        } catch (ServerDiedException e) {
            throw new UncheckedIOException(e);
        } catch (DiskException refused) {
            throw new IllegalStateException(refused.getMessage(), refused);
        }
    }

    /**
     * Asks the filesystem, which has no power by now and is as it was when the power went: rules do not count what it reads, and
     * nothing of it waits. What it does not know is left out.
     */
    private static List<FilePart> files(DiskHandle disk, RemoteDisk.Cut cut) {
        boolean tells = disk.isMounted() && disk.settings().spec().fileSystem() != FileSystem.BTRFS;
        if (cut.changes().isEmpty() || !tells) {
            return List.of();
        }
        try {
            return FileMap.some(disk.mountPoint()).parts(cut.changes());
        } catch (RuntimeException unknown) {
            return List.of(); // the power is to come back all the same
        }
    }
}
