package io.ublkdisk.server.log;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.journal.LogWriter;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongPredicate;

/** Puts the bytes of a disk into a log, as writes: what is there and not zeroes, in runs. Not thread-safe. */
public final class MediaLog {
    /** As long as the longest request. */
    private static final int RUN_SECTORS = 2048;
    /** Existing replay tools do not write zeroes over more than 128 MiB at once. */
    private static final long DISCARD_SECTORS = (64 << 20) >> Sectors.SHIFT;

    private final LogWriter log;
    private final long limitBytes;
    private final ByteBuffer run = ByteBuffer.allocateDirect(RUN_SECTORS << Sectors.SHIFT);

    public MediaLog(LogWriter log) {
        this(log, Long.MAX_VALUE);
    }

    /** @param limitBytes how long the log may become */
    public MediaLog(LogWriter log, long limitBytes) {
        this.log = log;
        this.limitBytes = limitBytes;
    }

    /** Everything, onto zeroes. */
    public void all(CowMedia media) throws IOException {
        write(media, page -> !media.isZero(page), false);
    }

    /** Everything, onto whatever is there. */
    void instead(CowMedia media) throws IOException {
        long sectors = Sectors.ofBytes(media.sizeBytes());
        for (long at = 0; at < sectors; at += DISCARD_SECTORS) {
            log.discard(at, Math.min(DISCARD_SECTORS, sectors - at));
        }
        all(media);
    }

    /** Writes what makes one of the other. */
    public void difference(CowMedia from, CowMedia to) throws IOException {
        write(to, page -> !to.shares(from, page), true);
    }

    private void write(CowMedia media, LongPredicate wanted, boolean zeroesToo) throws IOException {
        long sectors = Sectors.ofBytes(media.sizeBytes());
        for (long from = 0; from < sectors; ) {
            long to = from;
            while (to < sectors && to - from < RUN_SECTORS && wanted.test(to / PagePool.PAGE_SECTORS)) {
                to += PagePool.PAGE_SECTORS;
            }
            to = Math.min(to, sectors);
            if (to > from) {
                int count = (int) (to - from);
                run.clear().limit(count << Sectors.SHIFT);
                media.read(from, count, run, 0);
                if (log.bytes() > limitBytes) {
                    throw new IOException("its bytes are more than " + (limitBytes >> 20) + " MiB");
                }
                if (!isZero(run)) {
                    log.write(from, 0, run);
                } else if (zeroesToo) {
                    log.zeroes(from, count, 0);
                }
            }
            from = to == from ? from + PagePool.PAGE_SECTORS : to;
        }
    }

    private static boolean isZero(ByteBuffer bytes) {
        return bytes.duplicate().mismatch(ByteBuffer.allocate(bytes.remaining())) < 0;
    }

    /**
     * Returns the SHA-256 of all pages that are not zeroes: for each page of 4 KiB its place on the disk in bytes, as eight
     * bytes with the highest first, and then its bytes.
     */
    public static String sha256(CowMedia media) {
        MessageDigest digest = digest();
        long sectors = Sectors.ofBytes(media.sizeBytes());
        ByteBuffer place = ByteBuffer.allocate(Long.BYTES);
        for (long at = 0; at < sectors; at += PagePool.PAGE_SECTORS) {
            if (!media.isZero(at / PagePool.PAGE_SECTORS)) {
                int count = (int) Math.min(PagePool.PAGE_SECTORS, sectors - at);
                ByteBuffer page = ByteBuffer.allocateDirect(count << Sectors.SHIFT);
                media.read(at, count, page, 0);
                if (!isZero(page)) {
                    digest.update(place.putLong(0, Sectors.toBytes(at)).rewind());
                    digest.update(page);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
