package io.ublkdisk.example;

import io.ublkdisk.junit.CrashRun;
import io.ublkdisk.junit.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;

/** The names that pieces of Java in the documentation use and do not declare: the reader's own program. */
public abstract class Surroundings {
    protected Disk disk;
    protected CrashRun run;
    protected Path wal;
    protected Store store;
    protected ExecutorService executor;
    protected List<String> promised;
    protected int fd;

    /** A store of the reader's. */
    public interface Store {
        static Store open(Path folder) throws IOException {
            throw new UnsupportedOperationException(folder + ": a name for the compiler only");
        }

        void put(int key);

        List<String> keys();
    }

    /** A write-ahead log of the reader's. */
    public static final class Wal implements AutoCloseable {
        public Wal(CrashRun run) throws IOException {
            throw new UnsupportedOperationException(run + ": a name for the compiler only");
        }

        public void append(int number) throws IOException {
            throw new UnsupportedOperationException(number + ": a name for the compiler only");
        }

        public static List<String> recover(Path folder) throws IOException {
            throw new UnsupportedOperationException(folder + ": a name for the compiler only");
        }

        @Override
        public void close() throws IOException {}
    }
}
