package io.ublkdisk.disk;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A snapshot in a file, for other processes and other days: only its pages that are not all zeroes, and what tells that all of
 * them are there.
 *
 * <pre>
 *   magic | size of the disk | { index of a page | its bytes }… | -1 | SHA-256 of all before
 * </pre>
 */
public final class SnapshotFile {
    private static final long MAGIC = 0x75626c6b_736e6170L; // "ublksnap"
    private static final long END = -1;
    private static final byte[] ZEROES = new byte[PagePool.PAGE_BYTES];

    private SnapshotFile() {}

    /** Writes it; who reads meanwhile finds the old file or the new one. */
    public static void write(Snapshot snapshot, Path file) throws IOException {
        Path half = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".tmp");
        try (CowMedia media = snapshot.fork()) {
            MessageDigest digest = sha256();
            try (DataOutputStream out = new DataOutputStream(
                    new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(half), 1 << 16), digest))) {
                out.writeLong(MAGIC);
                out.writeLong(media.sizeBytes());
                write(media, out);
                out.writeLong(END);
                out.write(digest.digest());
            }
            Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(half);
        }
    }

    private static void write(CowMedia media, DataOutputStream out) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(PagePool.PAGE_BYTES);
        try {
            media.forEachWritten(index -> {
                int count = sectorsAt(index, media.sizeBytes());
                media.read(index * PagePool.PAGE_SECTORS, count, bytes, 0);
                if (count == PagePool.PAGE_SECTORS && Arrays.equals(bytes.array(), ZEROES)) {
                    return;
                }
                try {
                    out.writeLong(index);
                    out.write(bytes.array());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Reads one that {@link #write} wrote.
     *
     * @param pool where its pages are to be
     * @throws IOException if it is no such file, or not all of one
     */
    public static Snapshot read(Path file, PagePool pool) throws IOException {
        MessageDigest digest = sha256();
        DigestInputStream digested =
                new DigestInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16), digest);
        try (DataInputStream in = new DataInputStream(digested)) {
            if (in.readLong() != MAGIC) {
                throw new IOException(file + " is no snapshot of a disk; delete it");
            }
            CowMedia media = new CowMedia(pool, in.readLong());
            try {
                read(in, media);
                byte[] found = digest.digest();
                digested.on(false);
                if (!Arrays.equals(found, in.readNBytes(found.length))) {
                    throw new IOException(file + " is damaged: its checksum is not that of its content; delete it");
                }
                return new Snapshot(media);
            } catch (Throwable e) {
                media.close();
                throw e;
            }
        }
    }

    private static void read(DataInputStream in, CowMedia media) throws IOException {
        byte[] bytes = new byte[PagePool.PAGE_BYTES];
        for (long index = in.readLong(); index != END; index = in.readLong()) {
            in.readFully(bytes);
            if (index < 0 || index * PagePool.PAGE_BYTES >= media.sizeBytes()) {
                throw new IOException("a page of it lies past the end of its disk; delete it");
            }
            media.write(index * PagePool.PAGE_SECTORS, sectorsAt(index, media.sizeBytes()), ByteBuffer.wrap(bytes), 0);
        }
    }

    private static int sectorsAt(long pageIndex, long sizeBytes) {
        return (int) Math.min(PagePool.PAGE_SECTORS, Sectors.ofBytes(sizeBytes) - pageIndex * PagePool.PAGE_SECTORS);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
