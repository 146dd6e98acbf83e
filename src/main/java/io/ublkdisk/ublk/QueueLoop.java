package io.ublkdisk.ublk;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.ZonedBackend;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.MappedMemory;
import io.ublkdisk.kernel.Sqe;
import io.ublkdisk.kernel.UblkCommands;
import io.ublkdisk.kernel.UblkIoDesc;
import io.ublkdisk.ring.CompletionQueue;
import io.ublkdisk.ring.IoUring;

/**
 * A thread's share of a hardware queue, mostly all of it: a ring, a descriptor array shared with the driver, a buffer and a
 * {@link QueueRequest} per tag. All of it belongs to one thread, the one that made it, because the driver accepts a tag's
 * commands from no other.
 *
 * <p>{@link #doWork} is one duty cycle: one system call, which sends all results and waits for the next requests or the next due
 * time, and then the work that it brought. It allocates nothing. Two things differ between queues, and each is a class of its own: how
 * requests come and results go ({@link Commands}), and how their bytes do ({@link DataPath}):
 *
 * <pre>
 *   commands ── arrived ──▶ serve ── copyIn ──▶ backend ── finished ──▶ end ── copyOut ──▶ commands.commit
 * </pre>
 */
final class QueueLoop implements RequestOwner, CompletionQueue.Handler, Commands.Arrivals, AutoCloseable {
    /** The commands have the user data from 0 on, the data path those below. */
    private static final long WAKE = -1;

    private static final long FOR_EVER = -1;

    /** By {@code UBLK_IO_OP_*}; the numbers between have no operation that we offer. */
    private static final Operation[] OPERATIONS = {
        Operation.READ, Operation.WRITE, Operation.FLUSH, Operation.DISCARD, null, Operation.WRITE_ZEROES
    };

    private final TagShare share;
    private final int ioDescSize;
    private volatile long diskSectors;
    private final int maxIoSectors;
    private final Backend backend;
    private final DeviceListener listener;
    private final QueueMetrics metrics;
    private final Thread thread = Thread.currentThread();

    private final MappedMemory descriptors;
    private final UblkIoDesc descriptor;
    private final DataPath data;
    private final Commands commands;
    private final ZoneOperations zones;
    private final QueueRequest[] requests;
    private final TimerHeap timers;
    private final Inbox inbox;
    private final IoUring ring;
    private final int wakeSlot;
    private long nowNanos;

    private volatile boolean draining;
    private volatile boolean expiring;
    private volatile boolean givingUp;
    private boolean gaveUp;
    private boolean abandonedSome;

    QueueLoop(
            TagShare share,
            DeviceInfo info,
            DeviceParams params,
            int charFd,
            Backend backend,
            DeviceListener listener,
            QueueMetrics metrics)
            throws ErrnoException {
        this.share = share;
        this.ioDescSize = info.ioDescSize();
        this.diskSectors = Sectors.ofBytes(params.sizeBytes());
        this.maxIoSectors = info.maxIoBytes() >> 9;
        this.listener = listener;
        this.metrics = metrics;
        this.requests = new QueueRequest[share.count()];
        this.timers = new TimerHeap(share.count());
        OpenedResources opened = new OpenedResources();
        try {
            int commandSlots = Commands.slots(info, share);
            wakeSlot = commandSlots + DataPath.slots(info, share);
            ring = opened.add(IoUring.forQueue(wakeSlot + 1));
            ring.registerFile(charFd);
            inbox = opened.add(new Inbox());
            descriptors = opened.add(MappedMemory.ofFile(
                    charFd,
                    UblkCommands.descriptorOffset(share.queueId(), ioDescSize),
                    UblkCommands.descriptorBytes(info.queueDepth(), ioDescSize),
                    LinuxCalls.PROT_READ,
                    LinuxCalls.MAP_SHARED));
            data = DataPath.of(info, params, share, charFd, ring, commandSlots, this);
            opened.add(() -> data.release(true));
            this.backend = data.wrap(backend);
            commands = Commands.of(info, share, ring, data, this);
            zones = backend instanceof ZonedBackend zoned && info.has(UblkFeature.ZONED)
                    ? new ZoneOperations(zoned, (UserCopyPath) data, commands)
                    : null;
        } catch (ErrnoException | RuntimeException e) {
            opened.closeAll();
            throw e;
        }
        descriptor = new UblkIoDesc(descriptors.buffer());
        for (int slot = 0; slot < requests.length; slot++) {
            requests[slot] = request(slot);
        }
    }

    private QueueRequest request(int slot) {
        return new QueueRequest(this, share.queueId(), share.tag(slot), slot, data.buffer(slot));
    }

    /**
     * Gives the driver the tags, and returns once it has them: the device can start when every queue has done so.
     *
     * @throws ErrnoException if the driver refuses one
     */
    void fetchAll() throws ErrnoException {
        commands.fetchAll();
        new Sqe()
                .wrap(ring.submissions().sqes(), wakeSlot * Sqe.BYTES)
                .clear()
                .opcode(Sqe.IORING_OP_READ)
                .fd(inbox.eventFd())
                .addr(inbox.counterAddress())
                .len(Long.BYTES)
                .userData(WAKE);
        ring.submissions().queue(wakeSlot);
    }

    /** Returns whether the driver may still send a request. */
    boolean isLive() {
        return commands.isLive();
    }

    /** Runs one duty cycle: sends what is ready, sleeps until there is something to do, does it. */
    void doWork() throws ErrnoException {
        int answeredAtOnce = commands.send();
        long timeoutNanos = fallAsleep();
        int answer = ring.enter(timeoutNanos == 0 ? 0 : answeredAtOnce + 1, timeoutNanos);
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
        metrics.endCycle();
        commands.throwRefusal("COMMIT_AND_FETCH_REQ");
    }

    /** Returns how long the next sleep may be: 0 for no sleep, negative for ever. A thread that pushes from now on wakes us. */
    private long fallAsleep() {
        boolean nothingPushed = inbox.fallAsleep();
        boolean flagsSeen = !(draining || expiring) || timers.isEmpty();
        if (!nothingPushed || !flagsSeen || givingUp && !gaveUp) {
            return 0;
        }
        return timers.isEmpty() ? FOR_EVER : Math.max(0, timers.earliestNanos() - Clock.nanos());
    }

    /** Runs now what waits for a time, because the device is to stop. From any thread. */
    void drain() {
        draining = true;
        inbox.wakeSleeper();
    }

    /** Returns the real memory that the buffers of its requests have. From any thread. */
    long bufferBytes() {
        return data.residentBytes();
    }

    /** Runs now what waits for a time; what comes later waits again. From any thread. */
    void expireTimers() {
        expiring = true;
        inbox.wakeSleeper();
    }

    /** Refuses requests beyond that from now on. From any thread. */
    void resize(long sectors) {
        diskSectors = sectors;
    }

    /** Fails every request that the backend still holds, and every request to come. From any thread. */
    void giveUp() {
        givingUp = true;
        inbox.wakeSleeper();
    }

    @Override
    public void completed(long userData, int result, int flags) {
        if (userData >= 0) {
            commands.completed(userData, result, flags);
        } else if (userData == WAKE) {
            ring.submissions().queue(wakeSlot);
        } else {
            data.completed(userData, result);
        }
    }

    @Override
    public void arrived(int slot) {
        QueueRequest request = requests[slot];
        descriptor.moveTo(request.tag() * ioDescSize);
        long head = descriptor.head();
        int opFlags = UblkIoDesc.opFlags(head);
        int sectorCount = UblkIoDesc.nrSectors(head);
        long sector = descriptor.startSector();
        Operation operation = operation(opFlags);
        BlockStatus refusal = check(operation, sector, sectorCount, diskSectors, maxIoSectors);
        if (refusal != BlockStatus.OK) {
            if (zones == null || !servedAsZones(request, opFlags & 0xff, sector, sectorCount)) {
                metrics.refused(refusal);
                commands.commit(slot, -refusal.errno());
            }
            return;
        }
        metrics.arrived();
        request.arrive(operation, opFlags & ~0xff, operation == Operation.FLUSH ? 0 : sector, sectorCount, nowNanos);
        BlockStatus arrival = gaveUp ? BlockStatus.IO : data.copyIn(request);
        if (arrival != BlockStatus.OK) {
            request.finish(arrival);
            return;
        }
        try {
            backend.submit(request);
        } catch (Throwable thrown) {
            threw(request, thrown);
        }
    }

    private boolean servedAsZones(QueueRequest request, int op, long sector, int count) {
        try {
            return zones.serve(request, op, sector, count, maxIoSectors);
        } catch (Throwable thrown) {
            commands.commit(request.slot, -BlockStatus.IO.errno());
            threw(request, thrown);
            return true;
        }
    }

    /** Null for what we do not offer. */
    static Operation operation(int opFlags) {
        int op = opFlags & 0xff;
        return op < OPERATIONS.length ? OPERATIONS[op] : null;
    }

    /** Returns whether a descriptor can go to a backend: it must not make a backend touch what is not there. */
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
        boolean expired = expiring;
        if (expired) {
            expiring = false; // and only then, or a call between the two lines would be lost
        }
        boolean atOnce = draining || expired;
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
        try {
            if (!data.copyOut(request)) {
                return;
            }
        } catch (Throwable thrown) {
            request.status = BlockStatus.IO;
            threw(request, thrown);
        }
        BlockStatus status = request.status;
        // Exactly what was asked for, or an error: newer kernels take a short result for full success.
        commands.commit(request.slot, status == BlockStatus.OK ? (int) request.lengthBytes() : -status.errno());
        metrics.ended(request.operation(), status, request.lengthBytes(), request.arrivedNanos);
    }

    /**
     * Ends with EIO the requests that the backend does not let go of: the kernel cannot stop the device before they end.
     * Their tags get another buffer, so that the data of later requests do not show up in a buffer that a backend may still
     * be reading.
     */
    private void abandonAll() throws ErrnoException {
        gaveUp = true;
        for (int slot = 0; slot < requests.length; slot++) {
            QueueRequest held = requests[slot];
            if (held.abandon()) {
                data.retire(slot);
                commands.readdress(slot, data.address(slot));
                QueueRequest successor = request(slot);
                successor.arrive(held.operation(), held.flags(), held.sector(), held.sectorCount(), held.arrivedNanos);
                requests[slot] = successor;
                abandonedSome = true;
                successor.finish(BlockStatus.IO);
            }
        }
    }

    private static boolean isNormal(Errno errno) {
        return errno == Errno.ETIME || errno == Errno.EINTR || errno == Errno.EAGAIN || errno == Errno.EBUSY;
    }

    /**
     * Closes all, on the queue's thread. The order is the driver's: as long as the descriptors are mapped, the device
     * cannot go.
     */
    @Override
    public void close() {
        boolean clean = !commands.isLive() && !abandonedSome;
        for (QueueRequest request : requests) {
            if (request.abandon()) {
                clean = false;
            }
        }
        descriptors.close();
        ring.unregisterFiles();
        ring.close();
        inbox.close();
        commands.close();
        data.release(clean);
    }
}
