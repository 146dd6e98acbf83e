package io.ublkdisk.block;

import java.nio.ByteBuffer;

/**
 * One request of the kernel on its way through the disk. There is one object for each tag of a queue, used again and again:
 * nothing is allocated per request, and no program may keep it after completing it.
 *
 * <p>The life of a request: the owner (a queue) fills it by {@link #begin}, the {@link Backend} reads the accessors, moves
 * {@link #data()}, and ends it by {@link #complete()} or {@link #fail}, exactly once and from any thread. To wait, it
 * does not sleep but asks to be run again at a time ({@link #runAt}), or parks the object and completes it later.
 */
public abstract class Request {

    /** Force unit access: the write is durable before it completes. {@code UBLK_IO_F_FUA}. */
    public static final int FUA = 1 << 13;
    /** The filesystem calls it metadata. {@code UBLK_IO_F_META}. */
    public static final int META = 1 << 11;
    /** WRITE_ZEROES must keep the blocks allocated. {@code UBLK_IO_F_NOUNMAP}. */
    public static final int NOUNMAP = 1 << 15;
    /** Comes from swapping. {@code UBLK_IO_F_SWAP}. */
    public static final int SWAP = 1 << 16;

    private final int queueId;
    private final int tag;
    private final ByteBuffer data;

    private Operation operation;
    private int flags;
    private long sector;
    private int sectorCount;
    private Object attachment;

    /**
     * @param data direct and little-endian, at least as long as the largest request of the queue; only absolute access
     */
    protected Request(int queueId, int tag, ByteBuffer data) {
        this.queueId = queueId;
        this.tag = tag;
        this.data = data;
    }

    /** Begins a new request under this tag. For the owner. */
    protected final void begin(Operation operation, int flags, long sector, int sectorCount) {
        this.operation = operation;
        this.flags = flags;
        this.sector = sector;
        this.sectorCount = sectorCount;
    }

    /** Returns what is asked for. */
    public final Operation operation() {
        return operation;
    }

    /** Returns the kernel's {@code op_flags} without the operation: {@link #FUA}, {@link #META} and their kin. */
    public final int flags() {
        return flags;
    }

    /** Returns whether the write must be durable when it is complete. */
    public final boolean fua() {
        return (flags & FUA) != 0;
    }

    /** Returns whether the filesystem marked it as metadata. */
    public final boolean metadata() {
        return (flags & META) != 0;
    }

    /** First sector, in units of 512 bytes; 0 for FLUSH. */
    public final long sector() {
        return sector;
    }

    /** Sectors of 512 bytes; 0 for FLUSH. DISCARD and WRITE_ZEROES may be longer than {@link #data()}. */
    public final int sectorCount() {
        return sectorCount;
    }

    /** Returns where on the disk it begins, in bytes. */
    public final long offsetBytes() {
        return Sectors.toBytes(sector);
    }

    /** Returns how many bytes it covers. */
    public final long lengthBytes() {
        return Sectors.toBytes(sectorCount);
    }

    /**
     * Returns the bytes of a READ or WRITE: {@code [0, lengthBytes())} by absolute access, or through {@code duplicate()} and
     * {@code slice()} off the hot path. Its position and limit are free to use.
     */
    public final ByteBuffer data() {
        return data;
    }

    /** Returns the number of the queue that it came through. */
    public final int queueId() {
        return queueId;
    }

    /** Unique among the requests of its queue that are in flight. */
    public final int tag() {
        return tag;
    }

    /** Returns what the backend keeps with this tag, from {@link #attach}; null at first. Survives from request to request. */
    public final Object attachment() {
        return attachment;
    }

    /** Keeps an object of the backend with this request. */
    public final void attach(Object state) {
        this.attachment = state;
    }

    /** Ends the request with success. */
    public final void complete() {
        finish(BlockStatus.OK);
    }

    /** Ends the request with an error. */
    public final void fail(BlockStatus status) {
        finish(status);
    }

    /**
     * Ends the request, from any thread. A second end of the same request is an {@link IllegalStateException}.
     */
    public abstract void finish(BlockStatus status);

    /**
     * Run that stage with this request on its queue thread at {@code dueNanos} ({@link Clock#nanos()}), or as soon after as
     * the queue comes to it. Callable from any thread; the request must not be completed before the stage has run. When the
     * device stops, whatever is waiting runs at once.
     */
    public abstract void runAt(long dueNanos, Stage next);
}
