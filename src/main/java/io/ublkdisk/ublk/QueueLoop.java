package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.UblkCommands.UBLK_IO_RES_ABORT;
import static io.ublkdisk.kernel.UblkCommands.UBLK_IO_RES_OK;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_COMMIT_AND_FETCH_REQ;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_FETCH_REQ;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.MappedMemory;
import io.ublkdisk.kernel.Sqe;
import io.ublkdisk.kernel.UblkCommands;
import io.ublkdisk.kernel.UblkIoCmd;
import io.ublkdisk.kernel.UblkIoDesc;
import io.ublkdisk.ring.CompletionQueue;
import io.ublkdisk.ring.IoUring;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One hardware queue: a ring, a descriptor array shared with the driver, a buffer and a {@link QueueRequest} per tag. All of it
 * belongs to one thread, the one that made it, because the driver accepts a queue's commands from no other.
 *
 * <p>Each tag has one command under way for ever: it waits in the driver for a request, comes back with one ({@link #serve}),
 * and goes out again with the result ({@link #commit}). So each tag has one SQE, filled once; per request only its result and
 * its place in the ring are written. A {@link #turn} is one system call, which sends all results and waits for the next
 * requests or the next due time, and then the work that it brought. Nothing is allocated in it.
 */
final class QueueLoop implements RequestOwner, CompletionQueue.Handler, AutoCloseable {
    private static final long WAKE = -1;
    private static final long FOR_EVER = -1;
    private static final int SQE_RESULT = Sqe.CMD + 4;

    /** By {@code UBLK_IO_OP_*}; the numbers between have no operation that we offer. */
    private static final Operation[] OPERATIONS = {
        Operation.READ, Operation.WRITE, Operation.FLUSH, Operation.DISCARD, null, Operation.WRITE_ZEROES
    };

    private final int queueId;
    private final int depth;
    private final long diskSectors;
    private final int maxIoSectors;
    private final Backend backend;
    private final DeviceListener listener;
    private final QueueMetrics metrics;
    private final Thread thread = Thread.currentThread();

    private final MappedMemory descriptors;
    private final UblkIoDesc descriptor;
    private final TagBuffers buffers;
    private final QueueRequest[] requests;
    private final TimerHeap timers;
    private final Inbox inbox;
    private final IoUring ring;
    private final ByteBuffer sqes;
    private final QueueRequest[] endedThisTurn;
    private int endedCount;
    private long nowNanos;
    private int liveTags;
    private int refusedTags;
    private int refusal;

    private volatile boolean draining;
    private volatile boolean hurrying;
    private volatile boolean givingUp;
    private boolean gaveUp;
    private boolean abandonedSome;
    private MappedMemory graveyard;

    QueueLoop(
            int queueId,
            DeviceInfo info,
            long diskSectors,
            int charFd,
            Backend backend,
            DeviceListener listener,
            QueueMetrics metrics)
            throws ErrnoException {
        this.queueId = queueId;
        this.depth = info.queueDepth();
        this.diskSectors = diskSectors;
        this.maxIoSectors = info.maxIoBytes() >> 9;
        this.backend = backend;
        this.listener = listener;
        this.metrics = metrics;
        this.requests = new QueueRequest[depth];
        this.endedThisTurn = new QueueRequest[depth];
        this.timers = new TimerHeap(depth);
        Opening opening = new Opening();
        try {
            ring = opening.add(IoUring.forQueue(depth + 1));
            ring.registerFile(charFd);
            inbox = opening.add(new Inbox());
            descriptors = opening.add(MappedMemory.ofFile(
                    charFd,
                    UblkCommands.descriptorOffset(queueId),
                    UblkCommands.descriptorBytes(depth),
                    LinuxCalls.PROT_READ,
                    LinuxCalls.MAP_SHARED));
            buffers = new TagBuffers(depth, info.maxIoBytes());
        } catch (ErrnoException | RuntimeException e) {
            opening.undo();
            throw e;
        }
        descriptor = new UblkIoDesc().wrap(descriptors.buffer(), 0);
        sqes = ring.submissions().sqes();
    }

    /**
     * Gives the driver all tags, and returns once it has them: the device can start when every queue has done so.
     *
     * @throws ErrnoException if the driver refuses one
     */
    void fetchAll() throws ErrnoException {
        Sqe sqe = new Sqe();
        UblkIoCmd payload = new UblkIoCmd();
        for (int tag = 0; tag < depth; tag++) {
            requests[tag] = new QueueRequest(this, queueId, tag, buffers.buffer(tag));
            sqe.wrap(sqes, tag * Sqe.BYTES)
                    .clear()
                    .opcode(Sqe.IORING_OP_URING_CMD)
                    .flags(Sqe.IOSQE_FIXED_FILE)
                    .fd(0)
                    .cmdOp(UBLK_U_IO_FETCH_REQ)
                    .userData(tag);
            payload.wrap(sqes, sqe.offset() + Sqe.CMD).qId(queueId).tag(tag).addr(buffers.address(tag));
            ring.submissions().queue(tag);
        }
        sqe.wrap(sqes, depth * Sqe.BYTES)
                .clear()
                .opcode(Sqe.IORING_OP_READ)
                .fd(inbox.eventFd())
                .addr(inbox.counterAddress())
                .len(Long.BYTES)
                .userData(WAKE);
        ring.submissions().queue(depth);
        liveTags = depth;
        int submitted = ring.enter(0, FOR_EVER);
        if (submitted != depth + 1) {
            Errno.check(submitted, "io_uring_enter");
            throw new ErrnoException("FETCH_REQ, " + submitted + " of " + depth + " submitted", Errno.EAGAIN);
        }
        for (int tag = 0; tag < depth; tag++) {
            sqe.moveTo(tag * Sqe.BYTES).cmdOp(UBLK_U_IO_COMMIT_AND_FETCH_REQ);
        }
        // A refused FETCH has been answered by now. A request cannot be there yet: the device has not started.
        ring.completions().drain(this);
        throwRefusal("FETCH_REQ");
    }

    /** Whether the driver may still send a request. */
    boolean isLive() {
        return liveTags > 0;
    }

    /** One duty cycle: send what is ready, sleep until there is something, do it. */
    void turn() throws ErrnoException {
        long timeoutNanos = fallAsleep();
        int answer = ring.enter(timeoutNanos == 0 ? 0 : 1, timeoutNanos);
        inbox.awake();
        if (answer < 0 && !isNormal(Errno.of(answer))) {
            Errno.check(answer, "io_uring_enter");
        }
        nowNanos = Clock.nanos();
        takeInbox();
        ring.completions().drain(this);
        runTimers();
        if (givingUp && !gaveUp) {
            abandonAll();
        }
        countEnded();
        throwRefusal("COMMIT_AND_FETCH_REQ");
    }

    /** How long the next sleep may be: 0 for no sleep, negative for ever. Whoever pushes from now on wakes us. */
    private long fallAsleep() {
        boolean nothingPushed = inbox.fallAsleep();
        boolean flagsSeen = !(draining || hurrying) || timers.isEmpty();
        if (!nothingPushed || !flagsSeen || givingUp && !gaveUp) {
            return 0;
        }
        return timers.isEmpty() ? FOR_EVER : Math.max(0, timers.earliestNanos() - Clock.nanos());
    }

    /** From any thread: the device is to stop, so whatever waits for a time runs now. */
    void drain() {
        draining = true;
        inbox.wakeSleeper();
    }

    /** From any thread: whatever waits for a time now runs now; what comes later waits again. */
    void hurry() {
        hurrying = true;
        inbox.wakeSleeper();
    }

    /** From any thread: fail every request that the backend still holds, and every one to come. */
    void giveUp() {
        givingUp = true;
        inbox.wakeSleeper();
    }

    @Override
    public void completed(long userData, int result) {
        if (userData == WAKE) {
            ring.submissions().queue(depth);
        } else if (result == UBLK_IO_RES_OK) {
            serve((int) userData);
        } else if (result == UBLK_IO_RES_ABORT) {
            liveTags--;
        } else {
            // NEED_GET_DATA is among these: we never ask for it, so its coming is an error too.
            liveTags--;
            refusedTags++;
            refusal = result;
        }
    }

    private void serve(int tag) {
        descriptor.moveTo(tag * UblkIoDesc.BYTES);
        int opFlags = descriptor.opFlags();
        int sectorCount = descriptor.nrSectors();
        long sector = descriptor.startSector();
        Operation operation = operation(opFlags);
        BlockStatus refusal = check(operation, sector, sectorCount, diskSectors, maxIoSectors);
        if (refusal != BlockStatus.OK) {
            metrics.refused(refusal);
            commit(tag, -refusal.errno());
            return;
        }
        QueueRequest request = requests[tag];
        metrics.arrived();
        request.arrive(operation, opFlags & ~0xff, operation == Operation.FLUSH ? 0 : sector, sectorCount, nowNanos);
        if (gaveUp) {
            request.finish(BlockStatus.IO);
            return;
        }
        try {
            backend.submit(request);
        } catch (Throwable thrown) {
            threw(request, thrown);
        }
    }

    /** Null for what we do not offer. */
    static Operation operation(int opFlags) {
        int op = opFlags & 0xff;
        return op < OPERATIONS.length ? OPERATIONS[op] : null;
    }

    /** Whether a descriptor can go to a backend: it must not make anybody touch what is not there. */
    static BlockStatus check(Operation operation, long sector, int sectorCount, long diskSectors, int maxIoSectors) {
        if (operation == null) {
            return BlockStatus.NOTSUPP;
        }
        if (operation == Operation.FLUSH) {
            return sectorCount == 0 ? BlockStatus.OK : BlockStatus.IO;
        }
        boolean withinDisk = sectorCount > 0 && sector >= 0 && sector <= diskSectors - sectorCount;
        boolean withinBuffer = sectorCount <= maxIoSectors || !operation.hasData();
        return withinDisk && withinBuffer ? BlockStatus.OK : BlockStatus.IO;
    }

    private void runTimers() {
        boolean hurried = hurrying;
        if (hurried) {
            hurrying = false; // and only then, or a call between the two lines would be lost
        }
        boolean atOnce = draining || hurried;
        // Those that are there now: a stage that waits again while draining must not keep us here.
        for (int left = timers.size(); left > 0 && (atOnce || timers.earliestNanos() - nowNanos <= 0); left--) {
            QueueRequest request = timers.poll();
            if (request.becomeDue()) {
                try {
                    request.runStage();
                } catch (Throwable thrown) {
                    threw(request, thrown);
                }
            }
        }
    }

    private void threw(QueueRequest request, Throwable thrown) {
        metrics.backendThrew();
        request.finishIfActive(BlockStatus.IO);
        try {
            listener.backendThrew(request, thrown);
        } catch (Throwable ignored) {
            // A listener that throws must not cost the device its queue.
        }
    }

    @Override
    public void finished(QueueRequest request) {
        if (Thread.currentThread() == thread) {
            end(request);
        } else {
            inbox.push(request);
        }
    }

    @Override
    public void waiting(QueueRequest request) {
        if (Thread.currentThread() == thread) {
            timers.add(request);
        } else {
            inbox.push(request);
        }
    }

    private void takeInbox() {
        QueueRequest request = inbox.takeAll();
        while (request != null) {
            QueueRequest next = request.next;
            request.next = null;
            if (request.isDone()) {
                end(request);
            } else if (request.isWaiting()) {
                timers.add(request);
            }
            request = next;
        }
    }

    private void end(QueueRequest request) {
        BlockStatus status = request.status;
        // Exactly what was asked for, or an error: newer kernels take a short result for full success.
        commit(request.tag(), status == BlockStatus.OK ? (int) request.lengthBytes() : -status.errno());
        endedThisTurn[endedCount++] = request;
    }

    private void commit(int tag, int result) {
        sqes.putInt(tag * Sqe.BYTES + SQE_RESULT, result);
        ring.submissions().queue(tag);
    }

    private void countEnded() {
        if (endedCount > 0) {
            long endNanos = Clock.nanos();
            for (int i = 0; i < endedCount; i++) {
                QueueRequest request = endedThisTurn[i];
                metrics.ended(
                        request.operation(), request.status, request.lengthBytes(), endNanos - request.arrivedNanos);
            }
            endedCount = 0;
        }
    }

    /**
     * The backend does not let go of these, and the kernel cannot stop the device before they end. They end with EIO, and their
     * tags get another address: what the driver writes there for later requests must not show up in a buffer that a backend
     * may still be reading.
     */
    private void abandonAll() throws ErrnoException {
        gaveUp = true;
        for (int tag = 0; tag < depth; tag++) {
            QueueRequest held = requests[tag];
            if (held.abandon()) {
                if (graveyard == null) {
                    graveyard = MappedMemory.anonymous(maxIoSectors << 9);
                }
                QueueRequest successor = new QueueRequest(this, queueId, tag, graveyard.buffer());
                successor.arrive(held.operation(), held.flags(), held.sector(), held.sectorCount(), held.arrivedNanos);
                requests[tag] = successor;
                abandonedSome = true;
                sqes.putLong(tag * Sqe.BYTES + Sqe.CMD + 8, graveyard.address());
                successor.finish(BlockStatus.IO);
            }
        }
    }

    private void throwRefusal(String command) throws ErrnoException {
        if (refusedTags > 0) {
            String operation = command + " of queue " + queueId + ", " + refusedTags + " tags refused";
            throw new ErrnoException(operation, Errno.of(refusal));
        }
    }

    private static boolean isNormal(Errno errno) {
        return errno == Errno.ETIME || errno == Errno.EINTR || errno == Errno.EAGAIN || errno == Errno.EBUSY;
    }

    /** On the queue's thread. The order is the driver's: as long as the descriptors are mapped, the device cannot go. */
    @Override
    public void close() {
        boolean clean = liveTags == 0 && !abandonedSome;
        for (QueueRequest request : requests) {
            if (request != null && request.abandon()) {
                clean = false;
            }
        }
        descriptors.close();
        ring.unregisterFiles();
        ring.close();
        inbox.close();
        buffers.release(clean);
        if (graveyard != null) {
            graveyard.close();
        }
    }

    /** What has been opened so far, to be undone if the next step fails. */
    private static final class Opening {
        private final Deque<AutoCloseable> opened = new ArrayDeque<>();

        <T extends AutoCloseable> T add(T resource) {
            opened.push(resource);
            return resource;
        }

        void undo() {
            for (AutoCloseable resource : opened) {
                try {
                    resource.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }
}
