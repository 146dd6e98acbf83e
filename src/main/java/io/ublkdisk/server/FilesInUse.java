package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.ReplaySource;
import io.ublkdisk.journal.SameFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files that the disks of this server write, so that none is written twice: by two disks, or by one as two things. Against other
 * servers the files are locked when they are opened. Thread safe.
 */
final class FilesInUse {
    /** What a file is for a disk. */
    enum Role {
        FILE("the file"),
        LOG_WRITES("the log of the writes"),
        JOURNAL("the journal file");

        private final String words;

        Role(String words) {
            this.words = words;
        }
    }

    private final List<OfDisk> disks = new ArrayList<>();

    /** Those of one disk. To be closed with it. */
    public final class OfDisk implements AutoCloseable {
        private final String disk;
        private final Map<Role, Path> files = new LinkedHashMap<>();

        private OfDisk(String disk) {
            this.disk = disk;
        }

        /**
         * Takes a file for the disk, and gives back the one that it has for that.
         *
         * @param named as the client calls it
         * @param here where that is for this process
         * @throws DiskException if a disk writes it already
         */
        void take(Role role, Path named, Path here) throws DiskException {
            synchronized (FilesInUse.this) {
                Path before = files.remove(role);
                try {
                    check(role.words, named, here);
                    files.put(role, here);
                } catch (DiskException e) {
                    if (before != null) {
                        files.put(role, before);
                    }
                    throw e;
                }
            }
        }

        private void take(Role role, Optional<Path> file) throws DiskException {
            if (file.isPresent()) {
                take(role, file.get(), file.get());
            }
        }

        /** @throws DiskException if a disk of this server, this one too, writes that file */
        public void checkOther(String what, Path named, Path here) throws DiskException {
            check(what, named, here);
        }

        /** Gives back the file that it has for that, if it has one. */
        void giveBack(Role role) {
            synchronized (FilesInUse.this) {
                files.remove(role);
            }
        }

        @Override
        public void close() {
            synchronized (FilesInUse.this) {
                disks.remove(this);
            }
        }
    }

    /** Takes all files of a disk, or none. @throws DiskException if one is in use already */
    OfDisk take(DiskSpec spec) throws DiskException {
        OfDisk mine = new OfDisk(spec.name().orElse(""));
        synchronized (this) {
            disks.add(mine);
            try {
                mine.take(Role.FILE, spec.file());
                mine.take(Role.LOG_WRITES, spec.logWrites());
                mine.take(Role.JOURNAL, spec.journalFile());
                if (spec.replay().isPresent()) {
                    checkReplayed(spec.replay().get(), mine);
                }
                return mine;
            } catch (DiskException e) {
                mine.close();
                throw e;
            }
        }
    }

    private void checkReplayed(Path replayed, OfDisk mine) throws DiskException {
        try {
            for (Path read : ReplaySource.filesOf(replayed)) {
                for (Map.Entry<Role, Path> written : mine.files.entrySet()) {
                    if (SameFile.is(read, written.getValue())) {
                        throw new DiskException(written.getKey().words + ", " + written.getValue()
                                + ", is what is to be replayed: it would be written over; name another file");
                    }
                }
            }
        } catch (DiskException e) {
            throw e;
        } catch (IOException e) {
            return; // what cannot be read is told by who reads it
        }
    }

    /** @throws DiskException if a disk of this server writes that file */
    synchronized void check(String what, Path named, Path here) throws DiskException {
        for (OfDisk disk : disks) {
            for (Map.Entry<Role, Path> use : disk.files.entrySet()) {
                if (isSame(use.getValue(), here)) {
                    throw new DiskException(what + ", " + named + ", is " + use.getKey().words + " of "
                            + (disk.disk.isEmpty() ? "a disk" : "the disk '" + disk.disk + "'")
                            + " already; name another file");
                }
            }
        }
    }

    private static boolean isSame(Path a, Path b) {
        try {
            return SameFile.is(a, b);
        } catch (IOException e) {
            return false; // one that cannot even be looked at cannot be opened either
        }
    }
}
