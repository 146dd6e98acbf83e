package io.ublkdisk.backend;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Request;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The easy start of one's own disk: methods that read and write at an offset and return when they are done. They run on the
 * queue's thread, several at a time if the device has several queues, and while one works its queue waits.
 *
 * <p>An exception out of any of them becomes an I/O error of that request. Offsets and lengths are always within the disk.
 */
public abstract class SimpleBackend implements Backend {
    private static final int ZEROES_BYTES = 1 << 16;

    private final long sizeBytes;

    /** @param sizeBytes how large the disk is */
    protected SimpleBackend(long sizeBytes) {
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("sizeBytes " + sizeBytes + ": must be positive");
        }
        this.sizeBytes = sizeBytes;
    }

    /**
     * Put bytes of the disk from that offset on into the buffer. If it is not full then, this is called again for the rest.
     * If nothing was put, the request fails: a part is never taken for the whole.
     */
    protected abstract void read(long offsetBytes, ByteBuffer target) throws IOException;

    /** Take bytes out of the buffer to the disk from that offset on; called again for what is left, as with {@link #read}. */
    protected abstract void write(long offsetBytes, ByteBuffer source) throws IOException;

    /** Make durable all that has been written. Also called after each write with FUA. */
    protected void flush() throws IOException {}

    /** Tells that the range is no longer needed. Does nothing unless overridden, which the kernel allows. */
    protected void discard(long offsetBytes, long lengthBytes) throws IOException {}

    /** Makes the range read as zeroes. Writes them unless overridden. */
    protected void writeZeroes(long offsetBytes, long lengthBytes) throws IOException {
        ByteBuffer zeroes = ByteBuffer.allocate((int) Math.min(lengthBytes, ZEROES_BYTES));
        for (long done = 0; done < lengthBytes; done += zeroes.limit()) {
            zeroes.clear().limit((int) Math.min(lengthBytes - done, ZEROES_BYTES));
            writeFully(offsetBytes + done, zeroes);
        }
    }

    @Override
    public final long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public final void submit(Request request) throws IOException {
        switch (request.operation()) {
            case READ -> readFully(request.offsetBytes(), view(request));
            case WRITE -> {
                writeFully(request.offsetBytes(), view(request));
                if (request.fua()) {
                    flush();
                }
            }
            case FLUSH -> flush();
            case DISCARD -> discard(request.offsetBytes(), request.lengthBytes());
            case WRITE_ZEROES -> {
                writeZeroes(request.offsetBytes(), request.lengthBytes());
                if (request.fua()) {
                    flush();
                }
            }
        }
        request.complete();
    }

    private void readFully(long offset, ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            int before = target.position();
            read(offset + before, target);
            progressed(before, target, "read", offset);
        }
    }

    private void writeFully(long offset, ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            int before = source.position();
            write(offset + before, source);
            progressed(before, source, "write", offset);
        }
    }

    private static void progressed(int before, ByteBuffer buffer, String what, long offset) throws IOException {
        if (buffer.position() <= before) {
            throw new IOException("short " + what + " at byte " + offset + ": " + before + " of " + buffer.limit());
        }
    }

    /** Returns the request's data with a position and a limit of its own; made once for each tag. */
    private static ByteBuffer view(Request request) {
        ByteBuffer view = (ByteBuffer) request.attachment();
        if (view == null) {
            view = request.data().duplicate();
            request.attach(view);
        }
        return view.clear().limit((int) request.lengthBytes());
    }
}
