package io.ublkdisk.ublk;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/**
 * A Linux block device that a {@link Backend} serves. Its life:
 *
 * <pre>
 *                                     ┌───── start ────┐
 *                                     ▼                │
 *   create ─▶ CREATED ── start ─▶ RUNNING ── stop ─▶ STOPPED ── delete ─▶ DELETED
 *                                   ▲   │
 *               recover, start ─────┘   └── quiesce ─▶ QUIESCED
 * </pre>
 *
 * Each step may be called again, from any thread, and does nothing if it has been done; each is bounded by the builder's time
 * limits. {@link #close} goes to the end from wherever the device is.
 *
 * <p><b>Do not map a file of this disk into memory in the JVM that serves it.</b> A page fault on such a file waits for
 * this server, and to the JVM that thread runs Java code. At the next safepoint everything stops, this server too, and only
 * a kill helps. Many databases map files. Read, write and sync are safe. A program that cannot know serves from a JVM of
 * its own, as {@code ublkdisk add} and {@code @UblkDisk} do.
 */
public final class UblkDevice implements AutoCloseable {
    private final UblkControl control;
    private final UblkDeviceBuilder settings;
    private final Backend backend;
    private DeviceParams params;
    private final QueueMetrics[] metrics;
    private final Object lifecycle = new Object();

    private volatile DeviceInfo info;
    private volatile DeviceState state;
    private volatile boolean stopping;
    private boolean startedBefore;
    /** Null while the device is not served. */
    private volatile Queues queues;

    /** @param state CREATED, or QUIESCED for a device that another server has started */
    UblkDevice(
            UblkControl control, UblkDeviceBuilder settings, DeviceParams params, DeviceInfo info, DeviceState state) {
        this.control = control;
        this.settings = settings;
        this.backend = settings.backend;
        this.params = params;
        this.info = info;
        this.state = state;
        this.startedBefore = state == DeviceState.QUIESCED;
        this.metrics = QueueMetrics.of(info.queues() * settings.threadsPerQueue);
    }

    /** Returns a device to be, on that storage. The device closes the backend with itself. */
    public static UblkDeviceBuilder builder(Backend backend) {
        return new UblkDeviceBuilder(backend);
    }

    /**
     * Makes it a block device: after this, {@link #path()} can be opened. After a stop this waits until no process has the old
     * block device open. A quiesced device is recovered.
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
            if (state == DeviceState.QUIESCED) {
                step("recover", DeviceState.QUIESCED, this::recover);
            } else {
                step("start", DeviceState.FAILED, this::makeBlockDevice);
            }
            state = queues.areLive() ? DeviceState.RUNNING : DeviceState.FAILED;
        }
    }

    private void makeBlockDevice() throws UblkException {
        try {
            if (startedBefore) {
                recreate();
            }
            startQueues();
            startedBefore = true;
            control.start(id());
        } catch (ErrnoException e) {
            UblkException failure = UblkException.explained(e, id());
            try {
                takeDown(control.stopCommand(id()));
            } catch (UblkException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }

    /**
     * Deletes the device and makes it again under its id. A device that was stopped takes no new server: Linux 6.12 refuses
     * its fetches, and 7.3 its start as long as a process has the old block device open.
     */
    private void recreate() throws UblkException {
        control.delete(id());
        info = DeviceFactory.add(control, settings, params, id());
    }

    /** Recovers the device. If that fails the device waits for the next server that tries: it is not ours to stop. */
    private void recover() throws UblkException {
        control.startRecovery(id());
        try {
            startQueues();
            control.endRecovery(id());
        } catch (ErrnoException e) {
            UblkException failure = UblkException.explained(e, id());
            if (queues != null) {
                queues.quit();
                queues.end(settings.controlTimeout);
                queues = null;
            }
            throw failure;
        }
    }

    private void startQueues() throws ErrnoException {
        stopping = false;
        List<TagShare> shares = TagShare.of(info, settings.threadsPerQueue);
        queues = Queues.open(id(), shares, settings.controlTimeout, this::queue, this::allQueuesEnded);
        // With batch commands a queue's first thread gives the driver its tags, and only then may the others ask for
        // requests.
        queues.start(info.queues(), settings.controlTimeout);
    }

    private Queue queue(TagShare share, int index, int charFd, Runnable onEnd) throws UblkException {
        BitSet affinity = settings.pinQueues ? control.queueAffinity(id(), share.queueId()) : null;
        Queue.Opening opening =
                () -> new QueueLoop(share, info, params, charFd, backend, settings.listener, metrics[index]);
        return new Queue(id(), share.queueId(), opening, affinity, settings.listener, onEnd);
    }

    /**
     * Lets every request go on that waits for a time; requests that arrive later wait again. From any thread, and at once:
     * for when what made them wait has been taken away.
     */
    public void expireTimers() {
        Queues serving = queues;
        if (serving != null) {
            serving.expireTimers();
        }
    }

    /**
     * Takes the block device away, also from under processes that have it open. Requests in flight end first: requests that
     * wait for a time run at once, and requests that the backend still holds after the drain time limit end with EIO.
     *
     * @throws UblkException if the driver or a queue does not end in time; the device is then {@link DeviceState#FAILED}
     */
    public void stop() throws UblkException {
        synchronized (lifecycle) {
            if (state == DeviceState.RUNNING) {
                step("stop", DeviceState.FAILED, () -> {
                    queues.drain();
                    takeDown(control.stopCommand(id()));
                    state = DeviceState.STOPPED;
                });
            }
        }
    }

    /**
     * {@link #stop}, unless a process has the block device open; if so nothing has happened. Linux 7.0.
     *
     * @return whether it is stopped
     * @throws UblkException EOPNOTSUPP if this kernel cannot, and as stop does
     */
    public boolean tryStop() throws UblkException {
        synchronized (lifecycle) {
            if (state != DeviceState.RUNNING) {
                return true;
            }
            control.require(UblkFeature.SAFE_STOP_DEV, "TRY_STOP_DEV of ublk device " + id());
            step("stop", DeviceState.FAILED, () -> {
                if (takeDown(control.tryStopCommand(id()))) {
                    state = DeviceState.STOPPED;
                }
            });
            return state == DeviceState.STOPPED;
        }
    }

    /**
     * Ends the queues when the driver has stopped the device.
     *
     * @return false if it refuses because a process has the device open; then they go on
     */
    private boolean takeDown(ControlCommand command) throws UblkException {
        stopping = true;
        try (ControlCommand stop = command) {
            if (queues == null) {
                stop.run(settings.controlTimeout);
            } else if (queues.endBy(stop, settings)) {
                queues = null;
            } else {
                stopping = false;
                return false;
            }
            return true;
        }
    }

    /**
     * Stops serving and leaves the block device there, for another process or a later {@link #start} to recover: until then its
     * requests wait, or fail, as its {@link Recovery} says. Requests in flight end first as in {@link #stop}. Needs a device
     * that was made with {@link UblkDeviceBuilder#recovery recovery}, and Linux 6.16.
     *
     * <p>If it fails the driver may have begun, and lets no new request through: call it again, or {@link #stop}.
     *
     * @throws UblkException EOPNOTSUPP if the device cannot, ETIME if the queues do not end in time
     */
    public void quiesce() throws UblkException {
        synchronized (lifecycle) {
            if (state == DeviceState.QUIESCED) {
                return;
            }
            if (state != DeviceState.RUNNING) {
                throw new IllegalStateException("ublk device " + id() + " is " + state + ": start it first");
            }
            if (!info.has(UblkFeature.QUIESCE)) {
                throw new UblkException(
                        "QUIESCE_DEV of ublk device " + id(),
                        Errno.EOPNOTSUPP,
                        "It needs a device that was made with recovery, and Linux " + UblkFeature.QUIESCE.since()
                                + " or newer.");
            }
            step("quiesce", state, () -> {
                stopping = true;
                queues.endByQuiesce(control, settings);
                queues = null;
                state = DeviceState.QUIESCED;
            });
        }
    }

    /** Finds out why all queues have ended, on the thread of the last one. */
    private void allQueuesEnded() {
        if (!stopping) {
            boolean failed = queues.haveFailed();
            state = failed ? DeviceState.FAILED : isQuiesced() ? DeviceState.QUIESCED : DeviceState.STOPPED;
            settings.listener.stoppedFromOutside();
        }
    }

    /**
     * Returns whether another program has quiesced the device. Only this server has told the queues to end, so otherwise it
     * has gone.
     */
    private boolean isQuiesced() {
        try {
            return info.has(UblkFeature.QUIESCE) && control.info(id()).kernelState() != DeviceInfo.KernelState.DEAD;
        } catch (UblkException e) {
            return false;
        }
    }

    /**
     * Gives the device another size, while it runs and while processes have it open. The backend must have that size already
     * when it grows, and keep the old one until this returns when it shrinks. Linux 6.16.
     *
     * @throws IllegalArgumentException for a size that is no multiple of the logical block size
     * @throws UblkException EOPNOTSUPP if this kernel cannot
     */
    public void resize(long sizeBytes) throws UblkException {
        synchronized (lifecycle) {
            if (sizeBytes <= 0 || sizeBytes % params.logicalBlockSize() != 0) {
                throw new IllegalArgumentException("size " + sizeBytes
                        + ": must be positive and a multiple of the logical block size, " + params.logicalBlockSize());
            }
            if (state != DeviceState.RUNNING) {
                throw new IllegalStateException("ublk device " + id() + " is " + state + ": start it first");
            }
            control.require(UblkFeature.UPDATE_SIZE, "UPDATE_SIZE of ublk device " + id());
            boolean grows = sizeBytes > params.sizeBytes();
            if (grows) {
                queues.resize(Sectors.ofBytes(sizeBytes));
            }
            control.resize(id(), sizeBytes);
            if (!grows) {
                queues.resize(Sectors.ofBytes(sizeBytes));
            }
            params = control.params(id());
        }
    }

    /**
     * Stops the device and makes the driver forget it, quiesced or not. Waits until no process has it open or mounted.
     *
     * @throws UblkException with ETIME if a process still has; the device goes when they let go
     */
    public void delete() throws UblkException {
        synchronized (lifecycle) {
            if (state == DeviceState.DELETED) {
                return;
            }
            stop();
            step("delete", DeviceState.FAILED, () -> {
                try {
                    control.delete(id());
                } catch (UblkException e) {
                    if (!UblkControl.isGone(e)) {
                        throw e;
                    }
                }
                state = DeviceState.DELETED;
            });
        }
    }

    /** Deletes the device, unless it is quiesced, and so may be another program's by now; closes the backend. */
    @Override
    public void close() throws UblkException {
        try {
            if (state != DeviceState.QUIESCED) {
                delete();
            }
        } finally {
            if (state == DeviceState.DELETED || state == DeviceState.QUIESCED) {
                control.close();
            }
            backend.close();
        }
    }

    /** Does one step; if it fails the device is in that state. */
    private void step(String name, DeviceState ifItFails, LifecycleStep.Work work) throws UblkException {
        try {
            LifecycleStep.run(id(), name, work);
        } catch (UblkException e) {
            state = ifItFails;
            throw e;
        }
    }

    /** Returns where the device is in its life. */
    public DeviceState state() {
        return state;
    }

    public boolean isRunning() {
        return state == DeviceState.RUNNING;
    }

    /** Returns the N of {@code /dev/ublkbN}. */
    public int id() {
        return info.id();
    }

    /** Returns the block device: {@code /dev/ublkbN}. */
    public Path path() {
        return Path.of("/dev/ublkb" + id());
    }

    /** Returns what the driver says of the device now. */
    public DeviceInfo info() throws UblkException {
        return control.info(id());
    }

    /** Returns the parameters as the driver has them. */
    public DeviceParams params() throws UblkException {
        return control.params(id());
    }

    /** Returns the processors whose requests go to that queue. */
    public BitSet queueAffinity(int queueId) throws UblkException {
        return control.queueAffinity(id(), queueId);
    }

    /** Returns what the device has done since it was created. */
    public DeviceMetrics metrics() {
        return QueueMetrics.sum(metrics);
    }

    /**
     * Returns the real memory that the buffers of its requests have: their pages come as they are touched, and stay until the
     * device ends.
     */
    public long bufferBytes() {
        Queues serving = queues;
        return serving == null ? 0 : serving.bufferBytes();
    }
}
