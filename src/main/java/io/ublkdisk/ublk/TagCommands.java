package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.UblkCommands.UBLK_IO_RES_ABORT;
import static io.ublkdisk.kernel.UblkCommands.UBLK_IO_RES_OK;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_COMMIT_AND_FETCH_REQ;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_FETCH_REQ;

import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.Sqe;
import io.ublkdisk.kernel.UblkIoCmd;
import io.ublkdisk.ring.IoUring;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;

/**
 * One command for each tag, under way for ever: FETCH_REQ waits in the driver for a request and comes back with it,
 * COMMIT_AND_FETCH_REQ goes out with the result and waits for the next. So each tag has one SQE, filled once, in its
 * slot; per request only its result and its place in the ring are written.
 */
class TagCommands extends Commands {
    private static final int SQE_INTS = Sqe.BYTES / Integer.BYTES;
    private static final int SQE_RESULT_INT = (Sqe.CMD + 4) / Integer.BYTES;
    private static final int SQE_ADDRESS = Sqe.CMD + 8;

    private final TagShare share;
    private final IoUring ring;
    private final ByteBuffer sqes;
    private final IntBuffer sqeInts;
    private final Sqe sqe = new Sqe();
    private final DataPath data;
    private final Arrivals arrivals;

    TagCommands(TagShare share, IoUring ring, DataPath data, Arrivals arrivals) {
        super(share.queueId());
        this.share = share;
        this.ring = ring;
        this.sqes = ring.submissions().sqes();
        this.sqeInts = sqes.asIntBuffer();
        sqe.wrap(sqes, 0);
        this.data = data;
        this.arrivals = arrivals;
    }

    @Override
    final void fetchAll() throws ErrnoException {
        int count = share.count();
        UblkIoCmd payload = new UblkIoCmd();
        for (int slot = 0; slot < count; slot++) {
            sqe.moveTo(slot * Sqe.BYTES)
                    .clear()
                    .opcode(Sqe.IORING_OP_URING_CMD)
                    .flags(Sqe.IOSQE_FIXED_FILE)
                    .fd(0)
                    .cmdOp(UBLK_U_IO_FETCH_REQ)
                    .addr(data.autoBuffer(slot))
                    .userData(slot);
            payload.wrap(sqes, sqe.offset() + Sqe.CMD)
                    .qId(share.queueId())
                    .tag(share.tag(slot))
                    .addr(data.address(slot));
            ring.submissions().queue(slot);
        }
        fetched(count);
        int submitted = ring.enter(0, -1);
        if (submitted != count) {
            Errno.check(submitted, "io_uring_enter");
            throw new ErrnoException("FETCH_REQ, " + submitted + " of " + count + " submitted", Errno.EAGAIN);
        }
        for (int slot = 0; slot < count; slot++) {
            next(slot, UBLK_U_IO_COMMIT_AND_FETCH_REQ);
        }
        // A refused FETCH has been answered by now. A request cannot be there yet: the device has not started.
        ring.completions().drain(this);
        throwRefusal("FETCH_REQ");
    }

    /** Makes that the tag's command from now on. */
    final void next(int slot, int command) {
        sqe.moveTo(slot * Sqe.BYTES).cmdOp(command);
    }

    final void send(int slot, int command) {
        next(slot, command);
        ring.submissions().queue(slot);
    }

    @Override
    final void commit(int slot, int result) {
        sqeInts.put(slot * SQE_INTS + SQE_RESULT_INT, result);
        ring.submissions().queue(slot);
    }

    @Override
    final void commitAppend(int slot, int result, long sector) {
        readdress(slot, sector);
        commit(slot, result);
    }

    @Override
    final int send() {
        return 0;
    }

    @Override
    final void readdress(int slot, long address) {
        sqes.putLong(slot * Sqe.BYTES + SQE_ADDRESS, address);
    }

    @Override
    final void close() {}

    @Override
    public void completed(long userData, int result, int flags) {
        if (result == UBLK_IO_RES_OK) {
            arrivals.arrived((int) userData);
        } else if (result == UBLK_IO_RES_ABORT) {
            lost(1);
        } else {
            // NEED_GET_DATA too, where it was not negotiated.
            refused(1, result);
        }
    }
}
