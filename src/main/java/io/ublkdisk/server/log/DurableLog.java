package io.ublkdisk.server.log;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.cache.DurableOrder;
import io.ublkdisk.journal.LogEntry;
import io.ublkdisk.journal.LogWriter;
import io.ublkdisk.journal.OwnMarks;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PageRun;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What becomes durable on a disk, as entries of a log in the format of dm-log-writes: in order, to be written by one thread. */
abstract class DurableLog implements DurableOrder.Output {
    private ByteBuffer run = ByteBuffer.allocateDirect(1 << 20);

    /** Entries to write. */
    interface Item {
        /** Writes them, and gives back what is held for it. */
        void write(LogWriter log) throws IOException;

        /** Gives back what is held for it, since it is not to be written. */
        default void forget() {}

        /** Returns how much memory that is. */
        default long heldBytes() {
            return 0;
        }
    }

    /** Writes that, now or later, or forgets it. */
    abstract void add(Item item);

    public void mark(String text) {
        add(log -> log.mark(text));
    }

    @Override
    public void contents(CowMedia media, boolean exchanged) {
        add(new Item() {
            @Override
            public void write(LogWriter log) throws IOException {
                try (media) {
                    begin(media, exchanged, log);
                }
            }

            @Override
            public void forget() {
                media.close();
            }
        });
    }

    private static void begin(CowMedia media, boolean exchanged, LogWriter log) throws IOException {
        MediaLog bytes = new MediaLog(log);
        if (exchanged) {
            log.mark(OwnMarks.EXCHANGED);
            bytes.instead(media);
        } else {
            bytes.all(media);
        }
        log.flush();
        log.mark(exchanged ? OwnMarks.CONTINUES : OwnMarks.START);
    }

    @Override
    public void changed(Operation operation, int flags, long sector, int sectorCount, PageRun data) {
        int inLog =
                ((flags & Request.FUA) != 0 ? LogEntry.FUA : 0) | ((flags & Request.META) != 0 ? LogEntry.METADATA : 0);
        if (operation == Operation.DISCARD) {
            add(log -> log.discard(sector, sectorCount));
        } else if (operation == Operation.WRITE_ZEROES) {
            // The kernel's target takes no such requests, and is sent zeroes.
            add(log -> log.zeroes(sector, sectorCount, inLog));
        } else {
            add(new Item() {
                @Override
                public void write(LogWriter log) throws IOException {
                    try (data) {
                        log.write(sector, inLog, bytes(data, sectorCount << Sectors.SHIFT));
                    }
                }

                @Override
                public void forget() {
                    data.close();
                }

                @Override
                public long heldBytes() {
                    return data.heldBytes();
                }
            });
        }
    }

    private ByteBuffer bytes(PageRun data, int length) {
        if (length > run.capacity()) {
            run = ByteBuffer.allocateDirect(length);
        }
        run.clear().limit(length);
        data.read(run);
        return run;
    }

    @Override
    public void flushed() {
        add(LogWriter::flush);
    }

    @Override
    public void end(String why) {
        mark(OwnMarks.END);
    }
}
