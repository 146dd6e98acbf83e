package io.ublkdisk.junit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.apiguardian.api.API;

/**
 * What a {@link CrashTest}'s program gets: a mounted disk that records. Whatever it does there counts, by whatever means; what
 * it does through this object also finds its place in the report, with the line that did it. Any thread.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1.0")
public interface CrashRun {
    /** Returns the disk that records. */
    Disk disk();

    /** Returns a path on the disk, see {@link Disk#path}. */
    default Path path(String first, String... more) {
        return disk().path(first, more);
    }

    /** Forgets what was recorded so far: a crash before this point is of no interest. */
    void beginHere() throws IOException;

    /** Says that the program has promised something: {@link CrashedDisk#marks} has it in every state of a later crash. */
    void mark(String promise);

    /** Opens a file, or to force it a folder, as {@link FileChannel#open}; what is written and forced there is noted. */
    FileChannel open(Path path, OpenOption... options) throws IOException;

    /** Renames, in place of what is there, at once or not at all. */
    void move(Path from, Path to) throws IOException;
}
