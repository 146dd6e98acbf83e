package io.ublkdisk.ublk;

import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.MappedMemory;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The thread of a queue, and how others speak to it. A platform thread: to the driver, the Linux thread that fetched a tag owns
 * it, and when that thread ends its requests fail.
 */
final class Queue {
    /** Makes the loop, on the queue's own thread. */
    interface Opening {
        QueueLoop open() throws ErrnoException;
    }

    private final int id;
    private final Opening opening;
    private final BitSet affinity;
    private final DeviceListener listener;
    private final Runnable onEnd;
    private final Thread thread;
    private final CompletableFuture<QueueLoop> ready = new CompletableFuture<>();
    private volatile boolean quitting;
    private volatile Throwable failure;

    /**
     * @param affinity the processors to run on; null for any
     * @param onEnd called on the queue's thread as its last act
     */
    Queue(int deviceId, int id, Opening opening, BitSet affinity, DeviceListener listener, Runnable onEnd) {
        this.id = id;
        this.opening = opening;
        this.affinity = affinity;
        this.listener = listener;
        this.onEnd = onEnd;
        this.thread = new Thread(this::run, "ublk-" + deviceId + "-queue-" + id);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Waits until the driver has all tags of this queue. */
    void awaitReady(Duration limit) throws ErrnoException {
        try {
            ready.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof ErrnoException refused) {
                throw refused;
            }
            throw new IllegalStateException("queue " + id + " could not begin", cause);
        } catch (TimeoutException e) {
            throw new ErrnoException("FETCH_REQ of queue " + id, Errno.ETIME);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ErrnoException("FETCH_REQ of queue " + id, Errno.EINTR);
        }
    }

    void drain() {
        ready.thenAccept(QueueLoop::drain);
    }

    void expireTimers() {
        ready.thenAccept(QueueLoop::expireTimers);
    }

    void giveUp() {
        ready.thenAccept(QueueLoop::giveUp);
    }

    void resize(long sectors) {
        ready.thenAccept(loop -> loop.resize(sectors));
    }

    /** Returns the real memory that the buffers of its requests have. */
    long bufferBytes() {
        return ready.isDone() && !ready.isCompletedExceptionally()
                ? ready.join().bufferBytes()
                : 0;
    }

    /** Ends the thread although the driver has not let go of its tags: the requests in flight fail. */
    void quit() {
        quitting = true;
        giveUp();
    }

    /** Returns whether the thread ended in time. */
    boolean join(Duration limit) {
        try {
            thread.join(Math.max(1, limit.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Returns why the queue ended, if by an error. */
    Throwable failure() {
        return failure;
    }

    private void run() {
        // Memory that we allocate while serving a write-back must not wait for that write-back. Needs CAP_SYS_RESOURCE.
        LinuxCalls.prctl(LinuxCalls.PR_SET_IO_FLUSHER, 1);
        try (QueueLoop loop = open()) {
            listener.fetching(id);
            loop.fetchAll();
            listener.fetched(id);
            ready.complete(loop);
            while (loop.isLive() && !quitting) {
                loop.doWork();
            }
        } catch (Throwable thrown) {
            failure = thrown;
            if (!ready.completeExceptionally(thrown)) {
                listener.queueFailed(id, thrown);
            }
        } finally {
            onEnd.run();
        }
    }

    /** Pinned first: memory comes from the node of the processor that touches it. */
    private QueueLoop open() throws ErrnoException {
        pin();
        return opening.open();
    }

    private void pin() throws ErrnoException {
        if (affinity != null && !affinity.isEmpty()) {
            byte[] mask = affinity.toByteArray();
            int bytes = (mask.length + Long.BYTES - 1) & -Long.BYTES;
            try (MappedMemory memory = MappedMemory.anonymous(bytes)) {
                memory.buffer().put(0, mask);
                Errno.check(LinuxCalls.setAffinity(memory.address(), bytes), "sched_setaffinity to " + affinity);
            }
        }
    }
}
