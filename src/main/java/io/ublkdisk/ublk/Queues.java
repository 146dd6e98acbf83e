package io.ublkdisk.ublk;

import io.ublkdisk.block.Clock;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * What serves a device in this process, from one start to the next end: its character device, open, and its {@link Queue}s.
 * The driver counts on all of it going together. Thread safe once it has begun.
 */
final class Queues {
    private static final long RETRY_NANOS = 1_000_000;
    private static final Duration QUIESCE_ROUND = Duration.ofMillis(200);
    private static final String BLOCKED = "The backend blocks the queue's thread: see a thread dump.";

    private final int deviceId;
    private final List<TagShare> shares;
    private final Runnable allEnded;
    private final AtomicInteger live;
    private final List<Queue> queues;
    private int charFd;

    /** Makes a queue of a device whose character device is open. */
    interface Maker {
        Queue make(TagShare share, int index, int charFd, Runnable onEnd) throws ErrnoException;
    }

    private Queues(int deviceId, List<TagShare> shares, int charFd, Maker maker, Runnable allEnded)
            throws ErrnoException {
        this.deviceId = deviceId;
        this.shares = shares;
        this.allEnded = allEnded;
        this.live = new AtomicInteger(shares.size());
        this.charFd = charFd;
        Queue[] made = new Queue[shares.size()];
        for (int i = 0; i < made.length; i++) {
            made[i] = maker.make(shares.get(i), i, charFd, this::ended);
        }
        this.queues = List.of(made);
    }

    /**
     * Opens the character device, which only one server can, and makes a thread for each share.
     *
     * @param limit how long the node may take to come, and the last server to let go of it
     * @param allEnded called on the thread of the last queue that ends, after the character device has been closed
     */
    static Queues open(int deviceId, List<TagShare> shares, Duration limit, Maker maker, Runnable allEnded)
            throws ErrnoException {
        int fd = openCharDevice(deviceId, limit);
        try {
            return new Queues(deviceId, shares, fd, maker, allEnded);
        } catch (ErrnoException | RuntimeException e) {
            LinuxCalls.close(fd);
            throw e;
        }
    }

    private static int openCharDevice(int deviceId, Duration limit) throws UblkException {
        long deadline = Clock.nanos() + limit.toNanos();
        while (true) {
            try {
                return ControlDevice.openOrExplain(ControlDevice.charDevice(deviceId));
            } catch (UblkException e) {
                boolean mayPass = e.errno() == Errno.ENOENT || e.errno() == Errno.EBUSY || e.errno() == Errno.EACCES;
                if (!mayPass || Clock.nanos() - deadline >= 0) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /** Starts the threads, so many together, and returns when the driver has all tags. */
    void start(int together, Duration limit) throws ErrnoException {
        for (int first = 0; first < queues.size(); first += together) {
            List<Queue> some = queues.subList(first, first + together);
            some.forEach(Queue::start);
            for (Queue queue : some) {
                queue.awaitReady(limit);
            }
        }
    }

    /** Returns whether any queue is left that serves. */
    boolean areLive() {
        return live.get() > 0;
    }

    /** Returns whether one of them ended by an error. */
    boolean haveFailed() {
        return queues.stream().anyMatch(queue -> queue.failure() != null);
    }

    long bufferBytes() {
        return queues.stream().mapToLong(Queue::bufferBytes).sum();
    }

    void expireTimers() {
        queues.forEach(Queue::expireTimers);
    }

    void drain() {
        queues.forEach(Queue::drain);
    }

    void giveUp() {
        queues.forEach(Queue::giveUp);
    }

    /** Ends the threads, whatever the driver may still send: it does not have all of them, or no request is to be served. */
    void quit() {
        queues.forEach(Queue::quit);
    }

    void resize(long sectors) {
        queues.forEach(queue -> queue.resize(sectors));
    }

    /** Returns whether all of them have ended within that time. */
    boolean join(Duration limit) {
        long deadline = Clock.nanos() + limit.toNanos();
        boolean all = true;
        for (Queue queue : queues) {
            all &= queue.join(Duration.ofNanos(Math.max(0, deadline - Clock.nanos())));
        }
        return all;
    }

    /**
     * Waits until the driver has stopped the device, and lets go of it.
     *
     * @return false if it refuses because a process has the device open; then nothing has changed
     */
    boolean endBy(ControlCommand stop, UblkDeviceBuilder limits) throws UblkException {
        boolean refused = false;
        try {
            stop.submit();
            // The driver waits for all requests in flight, and the queues go on serving meanwhile.
            if (!stop.await(limits.drainTimeout)) {
                giveUp();
                if (!stop.await(limits.controlTimeout)) {
                    throw stop.failure(Errno.ETIME);
                }
            }
            refused = stop.result() == -Errno.EBUSY.number();
            if (!refused && stop.result() != -Errno.ENODEV.number()) {
                stop.check();
            }
            return !refused;
        } finally {
            if (!refused) {
                end(limits.controlTimeout);
            }
        }
    }

    /** Hands the device back to the driver: in each round those tags that are idle, and tags that have become so since. */
    void endByQuiesce(UblkControl control, UblkDeviceBuilder limits) throws UblkException {
        drain();
        long begin = Clock.nanos();
        long drained = limits.drainTimeout.toNanos();
        boolean gaveUp = false;
        do {
            control.quiesce(deviceId, limits.drainTimeout);
            long waited = Clock.nanos() - begin;
            if (waited > drained && !gaveUp) {
                giveUp();
                gaveUp = true;
            }
            if (waited > drained + limits.controlTimeout.toNanos()) {
                throw new UblkException("end of the queues of ublk device " + deviceId, Errno.ETIME, BLOCKED);
            }
        } while (!join(QUIESCE_ROUND));
        end(limits.controlTimeout);
    }

    /** Waits for the threads, makes those end that do not, and lets go of the device. */
    void end(Duration limit) throws UblkException {
        for (Queue queue : queues) {
            if (!queue.join(limit)) {
                queue.quit();
                if (!queue.join(limit)) {
                    throw new UblkException("end of a queue of ublk device " + deviceId, Errno.ETIME, BLOCKED);
                }
            }
        }
        closeCharDevice();
    }

    private void ended() {
        if (live.decrementAndGet() == 0) {
            closeCharDevice();
            allEnded.run();
        }
    }

    private synchronized void closeCharDevice() {
        if (charFd >= 0) {
            shares.forEach(TagShare::release);
            LinuxCalls.close(charFd);
            charFd = -1;
        }
    }
}
