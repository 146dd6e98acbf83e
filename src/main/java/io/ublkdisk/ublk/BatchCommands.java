package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.UblkCommands.UBLK_IO_RES_ABORT;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_COMMIT_IO_CMDS;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_FETCH_IO_CMDS;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_PREP_IO_CMDS;

import io.ublkdisk.kernel.Cqe;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.Sqe;
import io.ublkdisk.kernel.UblkBatchIo;
import io.ublkdisk.ring.IoUring;
import io.ublkdisk.ring.ProvidedBuffers;
import java.nio.ByteBuffer;

/**
 * {@code UBLK_F_BATCH_IO}: three commands for all tags of a queue, which belong to no thread. PREP_IO_CMDS gives the driver all of
 * them, once. FETCH_IO_CMDS is under way for ever: each of its answers is a buffer full of tags that have requests now.
 * COMMIT_IO_CMDS takes the results of a duty cycle at once.
 *
 * <pre>
 *   commit ──▶ filling ── send ──▶ sent ── completed ──▶ (empty)
 *                 ▲                  │
 *                 └── what the driver did not take
 * </pre>
 */
final class BatchCommands extends Commands {
    private static final int FETCH = 0;
    private static final int COMMIT = 1;
    private static final int PREP = 2;

    private static final int GROUP = 0;
    /** As many tags as the driver puts into one buffer. */
    private static final int TAGS_PER_BUFFER = 128;

    private final TagShare share;
    private final IoUring ring;
    private final DataPath data;
    private final Arrivals arrivals;
    private final ProvidedBuffers fetched;
    private final Sqe sqe = new Sqe();
    private final UblkBatchIo payload = new UblkBatchIo();
    private CommitBatch filling;
    private CommitBatch sent;

    /**
     * @param zoned whether commits tell where appended data are
     * @param autoBuffers whether they tell where the next request's are to be registered
     */
    BatchCommands(TagShare share, boolean zoned, boolean autoBuffers, IoUring ring, DataPath data, Arrivals arrivals)
            throws ErrnoException {
        super(share.queueId());
        this.share = share;
        this.ring = ring;
        this.data = data;
        this.arrivals = arrivals;
        boolean withAddresses = data.address(0) != 0;
        filling = new CommitBatch(share.count(), withAddresses || zoned);
        sent = new CommitBatch(share.count(), withAddresses || zoned);
        // In the worst case every answer brings a single tag.
        int buffers = Math.max(1, Integer.highestOneBit(2 * share.count() - 1));
        fetched = new ProvidedBuffers(ring, GROUP, buffers, TAGS_PER_BUFFER * Short.BYTES);
        sqe.wrap(ring.submissions().sqes(), 0);
        payload.wrap(ring.submissions().sqes(), Sqe.CMD);
        fill(FETCH, UBLK_U_IO_FETCH_IO_CMDS, Short.BYTES, 0)
                .flags(Sqe.IOSQE_FIXED_FILE | Sqe.IOSQE_BUFFER_SELECT)
                .uringCmdFlags(Sqe.IORING_URING_CMD_MULTISHOT)
                .bufIndex(GROUP);
        int flags = (withAddresses ? UblkBatchIo.UBLK_BATCH_F_HAS_BUF_ADDR : 0)
                | (zoned ? UblkBatchIo.UBLK_BATCH_F_HAS_ZONE_LBA : 0)
                | (autoBuffers ? UblkBatchIo.UBLK_BATCH_F_AUTO_BUF_REG_FALLBACK : 0);
        fill(COMMIT, UBLK_U_IO_COMMIT_IO_CMDS, filling.elementBytes(), flags);
        fill(PREP, UBLK_U_IO_PREP_IO_CMDS, filling.elementBytes(), flags);
    }

    /** Returns how many slots are needed. The completion queue has two places for each slot, and must have one for each tag. */
    static int slots(int depth) {
        return Math.max(depth, PREP + 1);
    }

    private Sqe fill(int slot, int command, int elementBytes, int flags) {
        sqeOf(slot)
                .clear()
                .opcode(Sqe.IORING_OP_URING_CMD)
                .flags(Sqe.IOSQE_FIXED_FILE)
                .fd(0)
                .cmdOp(command)
                .userData(slot);
        payload.qId(share.queueId()).flags(flags).elemBytes(elementBytes);
        return sqe;
    }

    /** Returns the entry of that slot, with the payload set to it. */
    private Sqe sqeOf(int slot) {
        payload.moveTo(slot * Sqe.BYTES + Sqe.CMD);
        return sqe.moveTo(slot * Sqe.BYTES);
    }

    @Override
    void fetchAll() throws ErrnoException {
        fetched(share.count());
        if (share.leader()) {
            for (int slot = 0; slot < share.count(); slot++) {
                add(slot, 0);
            }
            submit(PREP, filling);
            Errno.check(ring.enter(1, -1), "io_uring_enter");
            ring.completions().drain(this);
            throwRefusal("PREP_IO_CMDS");
            filling.clear();
        }
        ring.submissions().queue(FETCH);
    }

    private void submit(int slot, CommitBatch batch) {
        sqeOf(slot).addr(batch.address());
        payload.nrElem(batch.count());
        ring.submissions().queue(slot);
    }

    @Override
    void commit(int slot, int result) {
        add(slot, result);
    }

    @Override
    void commitAppend(int slot, int result, long sector) {
        filling.add(share.tag(slot), result, 0, sector);
    }

    private void add(int slot, int result) {
        filling.add(share.tag(slot), result, data.autoBuffer(slot) & 0xffff, data.address(slot));
    }

    @Override
    int send() {
        if (filling.count() == 0 || sent.count() > 0) {
            return 0;
        }
        CommitBatch full = filling;
        filling = sent;
        sent = full;
        submit(COMMIT, full);
        return 1;
    }

    @Override
    void readdress(int slot, long address) {
        // Each commit asks for its address anew.
    }

    @Override
    public void completed(long userData, int result, int flags) {
        switch ((int) userData) {
            case FETCH -> fetchedTags(result, flags);
            case COMMIT -> committed(result);
            default -> {
                if (result < 0) {
                    refused(share.count(), result);
                }
            }
        }
    }

    private void fetchedTags(int result, int flags) {
        if ((flags & Cqe.IORING_CQE_F_BUFFER) != 0) {
            int id = flags >>> Cqe.IORING_CQE_BUFFER_SHIFT;
            ByteBuffer tags = fetched.bytes();
            int begin = fetched.offset(id);
            for (int at = begin; at < begin + result; at += Short.BYTES) {
                arrivals.arrived(tags.getShort(at) & 0xffff);
            }
            fetched.giveBack(id);
        }
        if ((flags & Cqe.IORING_CQE_F_MORE) == 0) {
            if (result == UBLK_IO_RES_ABORT) {
                lost(share.count());
            } else if (result >= 0 || Errno.of(result) == Errno.ENOBUFS) {
                ring.submissions().queue(FETCH);
            } else {
                refused(share.count(), result);
            }
        }
    }

    /**
     * Handles the answer to a commit. The driver may stop in the middle; a negative answer is about the first of them. Only
     * a device that is being taken down does so, and then there is more to wake up for.
     */
    private void committed(int result) {
        int done = result / sent.elementBytes();
        if (result < 0) {
            refused(sent.count(), result);
            sent.clear();
        } else if (done == sent.count()) {
            sent.clear();
        } else {
            sent.moveRest(done, filling);
        }
    }

    @Override
    void close() {
        filling.close();
        sent.close();
        fetched.close();
    }
}
