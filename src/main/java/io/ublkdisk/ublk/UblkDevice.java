package io.ublkdisk.ublk;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * A Linux block device that a {@link Backend} serves. Its life:
 *
 * <pre>
 *   builder(backend).create() ─▶ CREATED ── start ─▶ RUNNING ── stop ─▶ STOPPED ── delete ─▶ DELETED
 *                                                       ▲                  │
 *                                                       └───── start ──────┘
 * </pre>
 *
 * Each step may be called again, from any thread, and does nothing if it has been done; each is bounded by the builder's time
 * limits. {@link #close} goes to the end from wherever the device is.
 *
 * <p><b>Do not map a file of this disk into memory in the JVM that serves it.</b> A page fault on such a file waits for this
 * server in a state in which the JVM thinks that Java code runs; at the next safepoint everything stops, this server too, and
 * nothing but a kill helps. Many databases map files. Read, write and sync are safe. Whoever cannot know serves from a JVM of
 * its own, as {@code ublkdisk add} and {@code @UblkDisk} do.
 */
public final class UblkDevice implements AutoCloseable {
    private static final long RETRY_NANOS = 1_000_000;

    private final UblkControl control;
    private final UblkDeviceBuilder settings;
    private final Backend backend;
    private final DeviceParams params;
    private final QueueMetrics[] metrics;
    private final Object lifecycle = new Object();

    private volatile DeviceInfo info;
    private volatile DeviceState state = DeviceState.CREATED;
    private volatile boolean stopping;
    private boolean startedBefore;
    private volatile Queue[] queues = {};
    private AtomicInteger liveQueues = new AtomicInteger();
    private List<TagShare> shares = List.of();
    private int charFd = -1;

    private UblkDevice(UblkControl control, UblkDeviceBuilder settings, DeviceParams params, DeviceInfo info) {
        this.control = control;
        this.settings = settings;
        this.backend = settings.backend;
        this.params = params;
        this.info = info;
        this.metrics = new QueueMetrics[info.queues() * settings.threadsPerQueue];
        for (int i = 0; i < metrics.length; i++) {
            metrics[i] = new QueueMetrics();
        }
    }

    /** A device to be, on that storage. The device closes the backend with itself. */
    public static UblkDeviceBuilder builder(Backend backend) {
        return new UblkDeviceBuilder(backend);
    }

    static UblkDevice create(UblkDeviceBuilder settings, DeviceParams params) throws UblkException {
        LifecycleStep step = LifecycleStep.begun();
        UblkControl control = UblkControl.open(settings.controlTimeout);
        try {
            DeviceInfo info = add(control, settings, params, settings.id);
            UblkDevice device = new UblkDevice(control, settings, params, info);
            step.ended(info.id(), "create", null);
            return device;
        } catch (UblkException e) {
            control.close();
            step.ended(settings.id, "create", e);
            throw e;
        }
    }

    private static DeviceInfo add(UblkControl control, UblkDeviceBuilder settings, DeviceParams params, int id)
            throws UblkException {
        DeviceInfo info = control.add(id, settings);
        try {
            refuseWithout(settings.features(), info);
            control.setParams(info.id(), params);
            if ((params.dmaAlignment() > 0 || params.segments() != null) && !params.equals(control.params(info.id()))) {
                throw new UblkException(
                        "SET_PARAMS with DMA alignment or segments",
                        Errno.EOPNOTSUPP,
                        "This kernel's ublk ignores them: use Linux 6.15 or newer, or make the device without.");
            }
            return info;
        } catch (UblkException e) {
            control.deleteAsync(info.id());
            throw e;
        }
    }

    /** A driver leaves out what it does not have, and says nothing of it. */
    private static void refuseWithout(Set<UblkFeature> wanted, DeviceInfo info) throws UblkException {
        for (UblkFeature feature : wanted) {
            if (!info.has(feature)) {
                throw new UblkException(
                        "ADD_DEV with " + feature,
                        Errno.EOPNOTSUPP,
                        "This kernel's ublk has no " + feature + ": use Linux " + feature.since()
                                + " or newer, or make the device without.");
            }
        }
    }

    /**
     * Makes it a block device: after this, {@link #path()} can be opened. After a stop this waits until nobody has the old block
     * device open.
     *
     * @throws UblkException if a queue or the driver refuses; the device is then {@link DeviceState#FAILED}
     * @throws IllegalStateException if it has been deleted
     */
    public void start() throws UblkException {
        synchronized (lifecycle) {
            if (state == DeviceState.RUNNING) {
                return;
            }
            if (state == DeviceState.DELETED) {
                throw new IllegalStateException("ublk device " + id() + " has been deleted: create another one");
            }
            LifecycleStep step = LifecycleStep.begun();
            try {
                if (startedBefore) {
                    recreate();
                }
                startQueues();
                startedBefore = true;
                control.start(id());
                state = liveQueues.get() > 0 ? DeviceState.RUNNING : DeviceState.FAILED;
                step.ended(id(), "start", null);
            } catch (ErrnoException e) {
                UblkException failure = explained(e);
                try {
                    takeDown();
                } catch (UblkException second) {
                    failure.addSuppressed(second);
                }
                state = DeviceState.FAILED;
                step.ended(id(), "start", failure);
                throw failure;
            }
        }
    }

    /**
     * A device that was stopped takes no new server: 6.12 refuses its fetches, 7.3 its start as long as anybody has the old block
     * device open. So it is deleted and made again under its id.
     */
    private void recreate() throws UblkException {
        control.delete(id());
        info = add(control, settings, params, id());
    }

    private void startQueues() throws ErrnoException {
        stopping = false;
        charFd = openCharDevice();
        shares = TagShare.of(info, settings.threadsPerQueue);
        Queue[] starting = new Queue[shares.size()];
        liveQueues = new AtomicInteger(starting.length);
        for (int i = 0; i < starting.length; i++) {
            TagShare share = shares.get(i);
            QueueMetrics counts = metrics[i];
            BitSet affinity = settings.pinQueues ? control.queueAffinity(id(), share.queueId()) : null;
            starting[i] = new Queue(
                    id(), share.queueId(), () -> loop(share, counts), affinity, settings.listener, this::queueEnded);
        }
        queues = starting;
        // With batch commands a queue's first thread gives the driver its tags, and only then may the others ask for
        // requests.
        for (int first = 0; first < starting.length; first += info.queues()) {
            List<Queue> together = List.of(starting).subList(first, first + info.queues());
            together.forEach(Queue::start);
            for (Queue queue : together) {
                queue.awaitReady(settings.controlTimeout);
            }
        }
    }

    private QueueLoop loop(TagShare share, QueueMetrics counts) throws ErrnoException {
        return new QueueLoop(share, info, params, charFd, backend, settings.listener, counts);
    }

    /** The node comes a moment after the device, and its last server lets go of it a moment after its end. */
    private int openCharDevice() throws UblkException {
        long deadline = Clock.nanos() + settings.controlTimeout.toNanos();
        while (true) {
            try {
                return ControlDevice.openOrExplain("/dev/ublkc" + id());
            } catch (UblkException e) {
                boolean mayPass = e.errno() == Errno.ENOENT || e.errno() == Errno.EBUSY || e.errno() == Errno.EACCES;
                if (!mayPass || Clock.nanos() - deadline >= 0) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /**
     * Every request that waits for a time goes on now; those that arrive later wait again. From any thread, and at once: for
     * when what made them wait has been taken away.
     */
    public void hurry() {
        for (Queue queue : queues) {
            queue.hurry();
        }
    }

    /**
     * Takes the block device away, also from under whoever has it open. Requests in flight end first: those that wait for a time
     * run at once, and those that the backend still holds after the drain time limit end with EIO.
     *
     * @throws UblkException if the driver or a queue does not end in time; the device is then {@link DeviceState#FAILED}
     */
    public void stop() throws UblkException {
        synchronized (lifecycle) {
            if (state == DeviceState.RUNNING) {
                LifecycleStep step = LifecycleStep.begun();
                try {
                    takeDown();
                    state = DeviceState.STOPPED;
                    step.ended(id(), "stop", null);
                } catch (UblkException e) {
                    state = DeviceState.FAILED;
                    step.ended(id(), "stop", e);
                    throw e;
                }
            }
        }
    }

    private void takeDown() throws UblkException {
        stopping = true;
        for (Queue queue : queues) {
            queue.drain();
        }
        try (ControlCommand stop = control.stopCommand(id())) {
            stop.submit();
            // The driver waits for all requests in flight, and the queues go on serving meanwhile.
            if (!stop.await(settings.drainTimeout)) {
                for (Queue queue : queues) {
                    queue.giveUp();
                }
                if (!stop.await(settings.controlTimeout)) {
                    throw stop.failure(Errno.ETIME);
                }
            }
            if (stop.result() != -Errno.ENODEV.number()) {
                stop.check();
            }
        } finally {
            endQueues();
        }
    }

    private void endQueues() throws UblkException {
        for (Queue queue : queues) {
            if (!queue.join(settings.controlTimeout)) {
                queue.quit();
                if (!queue.join(settings.controlTimeout)) {
                    throw new UblkException(
                            "end of a queue of ublk device " + id(),
                            Errno.ETIME,
                            "The backend blocks the queue's thread: see a thread dump.");
                }
            }
        }
        queues = new Queue[0];
        closeCharDevice();
    }

    /** On a queue's thread, as its last act. */
    private void queueEnded() {
        if (liveQueues.decrementAndGet() == 0 && !stopping) {
            boolean failed = false;
            for (Queue queue : queues) {
                failed |= queue.failure() != null;
            }
            closeCharDevice();
            state = failed ? DeviceState.FAILED : DeviceState.STOPPED;
            settings.listener.stoppedFromOutside();
        }
    }

    private synchronized void closeCharDevice() {
        shares.forEach(TagShare::release);
        shares = List.of();
        if (charFd >= 0) {
            LinuxCalls.close(charFd);
            charFd = -1;
        }
    }

    /**
     * Stops the device and makes the driver forget it. Waits until nobody has it open or mounted.
     *
     * @throws UblkException with ETIME if somebody still has; the device goes when they let go
     */
    public void delete() throws UblkException {
        synchronized (lifecycle) {
            if (state == DeviceState.DELETED) {
                return;
            }
            stop();
            LifecycleStep step = LifecycleStep.begun();
            try {
                control.delete(id());
            } catch (UblkException e) {
                if (!UblkControl.isGone(e)) {
                    state = DeviceState.FAILED;
                    step.ended(id(), "delete", e);
                    throw e;
                }
            }
            state = DeviceState.DELETED;
            step.ended(id(), "delete", null);
        }
    }

    /** Deletes the device and closes the backend. */
    @Override
    public void close() throws UblkException {
        try {
            delete();
        } finally {
            if (state == DeviceState.DELETED) {
                control.close();
            }
            backend.close();
        }
    }

    public DeviceState state() {
        return state;
    }

    public boolean isRunning() {
        return state == DeviceState.RUNNING;
    }

    /** The N of {@code /dev/ublkbN}. */
    public int id() {
        return info.id();
    }

    /** The block device: {@code /dev/ublkbN}. */
    public Path path() {
        return Path.of("/dev/ublkb" + id());
    }

    /** What the driver says of the device now. */
    public DeviceInfo info() throws UblkException {
        return control.info(id());
    }

    /** The parameters as the driver has them. */
    public DeviceParams params() throws UblkException {
        return control.params(id());
    }

    /** The processors whose requests go to that queue. */
    public BitSet queueAffinity(int queueId) throws UblkException {
        return control.queueAffinity(id(), queueId);
    }

    /** What the device has done since it was created. */
    public DeviceMetrics metrics() {
        Map<Operation, DeviceMetrics.PerOperation> operations = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            long count = 0;
            long bytes = 0;
            Histogram latency = QueueMetrics.emptyHistogram();
            for (QueueMetrics queue : metrics) {
                count += queue.count(operation);
                bytes += queue.bytes(operation);
                queue.addLatencyTo(latency, operation);
            }
            operations.put(operation, new DeviceMetrics.PerOperation(count, bytes, latency));
        }
        Map<BlockStatus, Long> errors = new EnumMap<>(BlockStatus.class);
        long inFlight = 0;
        long failures = 0;
        for (QueueMetrics queue : metrics) {
            for (BlockStatus status : BlockStatus.values()) {
                if (queue.errors(status) > 0) {
                    errors.merge(status, queue.errors(status), Long::sum);
                }
            }
            inFlight += queue.inFlight();
            failures += queue.backendFailures();
        }
        return new DeviceMetrics(operations, errors, inFlight, failures);
    }

    private UblkException explained(ErrnoException e) {
        return e instanceof UblkException explained
                ? explained
                : new UblkException(
                        e.operation() + " of ublk device " + id(), e.errno(), "The kernel log (dmesg) may say more.");
    }
}
