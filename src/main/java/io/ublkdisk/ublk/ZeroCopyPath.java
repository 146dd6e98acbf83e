package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.LinuxCalls.FALLOC_FL_KEEP_SIZE;
import static io.ublkdisk.kernel.LinuxCalls.FALLOC_FL_PUNCH_HOLE;
import static io.ublkdisk.kernel.LinuxCalls.FALLOC_FL_ZERO_RANGE;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_REGISTER_IO_BUF;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_UNREGISTER_IO_BUF;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.FileIo;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.ZeroCopyBackend;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.Sqe;
import io.ublkdisk.kernel.UblkIoCmd;
import io.ublkdisk.kernel.UblkIoDesc;
import io.ublkdisk.ring.IoUring;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * {@code UBLK_F_SUPPORT_ZERO_COPY}: the memory of a request is registered as a buffer of this queue's ring, where reads and
 * writes of files can use it, and we never see it. The driver registers it by itself ({@code UBLK_F_AUTO_BUF_REG}), or we
 * do, before the first operation, and undo that before the commit. The ring takes entries in order, so no entry waits for
 * another.
 *
 * <pre>
 *   table of buffers   │ the driver's, one per slot │ ours, one per slot │ the driver's others, if it takes turns │
 * </pre>
 */
final class ZeroCopyPath extends DataPath implements FileIo {
    /** User data of what needs no answer: where a registration fails, so does the operation that wanted the buffer. */
    private static final long UNHEEDED = -2;
    /** User data of a file operation: so much less its number. */
    private static final long OPERATION = -3;

    private static final int UBLK_AUTO_BUF_REG_FALLBACK = 1 << 16;
    private static final int RWF_DSYNC = 2;
    private static final int IORING_FSYNC_DATASYNC = 1;

    /** Registration, operation, end of registration. */
    private static final int ENTRIES_PER_REQUEST = 3;

    private static final ByteBuffer NO_DATA = ByteBuffer.allocateDirect(0);

    private final TagShare share;
    private final IoUring ring;
    private final int firstSlot;
    private final int slots;
    private final boolean auto;
    private final boolean failing;
    private final boolean rotating;
    /** For each slot where the driver registers its next request, as last said: by whichever thread, so all say the same. */
    private final int[] autoIndex;

    private final RequestOwner owner;
    private final Sqe sqe = new Sqe();
    private final UblkIoCmd payload = new UblkIoCmd();
    private int used;
    private FileOperation[] operations = {};
    private FileOperation free;

    /**
     * @param firstSlot of those in the ring that are ours
     * @param auto whether the driver registers
     * @param serverFlags how, if not as usual: see {@link DeviceInfo}
     */
    ZeroCopyPath(TagShare share, IoUring ring, int firstSlot, boolean auto, long serverFlags, RequestOwner owner)
            throws ErrnoException {
        this.share = share;
        this.ring = ring;
        this.firstSlot = firstSlot;
        this.slots = slots(share);
        this.auto = auto;
        this.failing = (serverFlags & DeviceInfo.AUTO_BUF_REG_FAILS) != 0;
        this.rotating = (serverFlags & DeviceInfo.AUTO_BUF_REG_ROTATES) != 0;
        this.autoIndex = IntStream.range(0, share.count()).toArray();
        this.owner = owner;
        ring.registerSparseBuffers((rotating ? 3 : 2) * share.count());
    }

    static int slots(TagShare share) {
        return ENTRIES_PER_REQUEST * share.count();
    }

    @Override
    Backend wrap(Backend backend) {
        ZeroCopyBackend zeroCopy = (ZeroCopyBackend) backend;
        return new Backend() {
            @Override
            public long sizeBytes() {
                return zeroCopy.sizeBytes();
            }

            @Override
            public void submit(Request request) throws Exception {
                zeroCopy.submit(request, ZeroCopyPath.this);
            }
        };
    }

    @Override
    ByteBuffer buffer(int slot) {
        return NO_DATA;
    }

    @Override
    long address(int slot) {
        return 0;
    }

    @Override
    int autoBuffer(int slot) {
        if (!auto) {
            return 0;
        }
        int behindTheTable = 3 * share.count() + slot;
        int third = 2 * share.count() + slot;
        autoIndex[slot] = failing ? behindTheTable : rotating && autoIndex[slot] != third ? third : slot;
        return autoIndex[slot] | UBLK_AUTO_BUF_REG_FALLBACK;
    }

    @Override
    BlockStatus copyIn(QueueRequest request) {
        boolean ours = !auto || (request.flags() & UblkIoDesc.UBLK_IO_F_NEED_REG_BUF) != 0;
        request.registered = ours && request.operation().hasData();
        if (request.registered) {
            registration(request.slot, UBLK_U_IO_REGISTER_IO_BUF);
        }
        request.transfers = 0;
        request.transferStatus = BlockStatus.OK;
        request.waitsForTransfers = false;
        return BlockStatus.OK;
    }

    @Override
    boolean copyOut(QueueRequest request) {
        if (request.transfers > 0) {
            request.waitsForTransfers = true;
            return false;
        }
        if (request.status == BlockStatus.OK) {
            request.status = request.transferStatus;
        }
        if (request.registered) {
            request.registered = false;
            registration(request.slot, UBLK_U_IO_UNREGISTER_IO_BUF);
        }
        return true;
    }

    /** Registers a buffer, or ends its registration, in place of the driver. */
    private void registration(int slot, int command) {
        int entry = nextSlot();
        sqe.opcode(Sqe.IORING_OP_URING_CMD)
                .flags(Sqe.IOSQE_FIXED_FILE)
                .fd(0)
                .cmdOp(command)
                .userData(UNHEEDED);
        payload.wrap(ring.submissions().sqes(), sqe.offset() + Sqe.CMD)
                .qId(share.queueId())
                .tag(share.tag(slot))
                .addr(share.count() + slot);
        ring.submissions().queue(entry);
    }

    private int bufferIndex(QueueRequest request) {
        return request.registered ? share.count() + request.slot : autoIndex[request.slot];
    }

    @Override
    public void read(Request request, int fd, long fileOffset, int dataOffset, int length) {
        begin(request, Sqe.IORING_OP_READ_FIXED, fd, fileOffset, dataOffset, length, 0);
    }

    @Override
    public void write(Request request, int fd, long fileOffset, int dataOffset, int length, boolean durable) {
        begin(request, Sqe.IORING_OP_WRITE_FIXED, fd, fileOffset, dataOffset, length, durable ? RWF_DSYNC : 0);
    }

    @Override
    public void sync(Request request, int fd) {
        begin(request, Sqe.IORING_OP_FSYNC, fd, 0, 0, 0, IORING_FSYNC_DATASYNC);
    }

    @Override
    public void punchHole(Request request, int fd, long fileOffset, long length) {
        begin(request, Sqe.IORING_OP_FALLOCATE, fd, fileOffset, length, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0);
    }

    @Override
    public void zeroRange(Request request, int fd, long fileOffset, long length) {
        begin(request, Sqe.IORING_OP_FALLOCATE, fd, fileOffset, length, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0);
    }

    private void begin(Request request, int opcode, int fd, long fileOffset, long address, int length, int flags) {
        FileOperation operation = free != null ? free : another();
        free = operation.nextFree;
        operation.request = (QueueRequest) request;
        operation.opcode = opcode;
        operation.fd = fd;
        operation.fileOffset = fileOffset;
        operation.address = address;
        operation.length = length;
        operation.flags = flags;
        operation.bufferIndex = operation.movesData() ? bufferIndex(operation.request) : 0;
        operation.request.transfers++;
        submit(operation);
    }

    private FileOperation another() {
        FileOperation operation = new FileOperation(operations.length);
        operations = Arrays.copyOf(operations, operations.length + 1);
        operations[operation.number] = operation;
        return operation;
    }

    private void submit(FileOperation operation) {
        int slot = nextSlot();
        sqe.opcode(operation.opcode)
                .fd(operation.fd)
                .off(operation.fileOffset)
                .addr(operation.address)
                .len(operation.length)
                .rwFlags(operation.flags)
                .bufIndex(operation.bufferIndex)
                .userData(OPERATION - operation.number);
        ring.submissions().queue(slot);
    }

    /**
     * Returns an entry to fill. It may be filled again once the kernel has taken it: with the next {@code io_uring_enter}
     * at the latest.
     */
    private int nextSlot() {
        if (used == slots) {
            int taken = ring.enter(0, -1);
            if (!ring.submissions().isEmpty()) {
                throw new IllegalStateException("io_uring_enter took " + taken + " entries, and not all");
            }
            used = 0;
        }
        int slot = firstSlot + used++;
        sqe.wrap(ring.submissions().sqes(), slot * Sqe.BYTES).clear();
        return slot;
    }

    @Override
    void completed(long userData, int result) {
        if (userData == UNHEEDED) {
            return;
        }
        FileOperation operation = operations[(int) (OPERATION - userData)];
        QueueRequest request = operation.request;
        if (operation.movesData() && result > 0 && !operation.advance(result)) {
            submit(operation);
            return;
        }
        // Of a file that ends too early nothing comes: what is left of a READ would be whatever its memory held before.
        if (result < 0 || operation.movesData() && result == 0) {
            request.transferStatus = status(result);
        }
        operation.request = null;
        operation.nextFree = free;
        free = operation;
        if (--request.transfers == 0 && request.waitsForTransfers) {
            owner.finished(request);
        }
    }

    private static BlockStatus status(int result) {
        return switch (Errno.of(result)) {
            case ENOSPC, EDQUOT -> BlockStatus.NOSPC;
            case EOPNOTSUPP -> BlockStatus.NOTSUPP;
            default -> BlockStatus.IO;
        };
    }

    /** Ends the registration of the buffer. The backend still has the request and never ends it, where this would be done. */
    @Override
    void retire(int slot) {
        registration(slot, UBLK_U_IO_UNREGISTER_IO_BUF);
    }

    @Override
    void release(boolean atOnce) {}
}
