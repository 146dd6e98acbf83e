package io.ublkdisk.ublk;

import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.MappedMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How other threads reach a queue: a lock-free stack of requests that they are done with, linked through the requests
 * themselves, and an eventfd that ends the queue's sleep in the kernel.
 *
 * <p>The queue says that it is going to sleep, and then looks once more. Other threads push their request, and then look
 * whether the queue sleeps. Both are sequentially consistent, so one of the two sees the other, and a system call is paid
 * for a sleeper only.
 */
final class Inbox implements AutoCloseable {
    private static final VarHandle HEAD;
    private static final VarHandle SLEEPING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HEAD = lookup.findVarHandle(Inbox.class, "head", QueueRequest.class);
            SLEEPING = lookup.findVarHandle(Inbox.class, "sleeping", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int eventFd;
    private final MappedMemory counter;
    private volatile QueueRequest head;
    private volatile boolean sleeping;
    private boolean closed;

    Inbox() throws ErrnoException {
        counter = MappedMemory.anonymous(2 * Long.BYTES);
        counter.buffer().putLong(Long.BYTES, 1);
        int fd = LinuxCalls.eventfd(0, LinuxCalls.EFD_CLOEXEC);
        if (fd < 0) {
            counter.close();
        }
        eventFd = Errno.check(fd, "eventfd");
    }

    /** Returns the descriptor that the ring reads while the queue sleeps, 8 bytes to {@link #counterAddress}. */
    int eventFd() {
        return eventFd;
    }

    long counterAddress() {
        return counter.address();
    }

    /** Gives the request back to its queue. From any thread. */
    void push(QueueRequest request) {
        QueueRequest top;
        do {
            top = head;
            request.next = top;
        } while (!HEAD.compareAndSet(this, top, request));
        wakeSleeper();
    }

    /** Makes the queue look at its flags. From any thread. */
    void wakeSleeper() {
        if (sleeping && SLEEPING.compareAndSet(this, true, false)) {
            signal();
        }
    }

    /**
     * Returns everything that was pushed, oldest first, linked by {@link QueueRequest#next}; null if nothing. For the
     * queue.
     */
    QueueRequest takeAll() {
        if (head == null) {
            return null;
        }
        QueueRequest newestFirst = (QueueRequest) HEAD.getAndSet(this, null);
        QueueRequest oldestFirst = null;
        while (newestFirst != null) {
            QueueRequest older = newestFirst.next;
            newestFirst.next = oldestFirst;
            oldestFirst = newestFirst;
            newestFirst = older;
        }
        return oldestFirst;
    }

    /** Makes the next push wake the queue. Returns false if there is something to take already. For the queue. */
    boolean fallAsleep() {
        sleeping = true;
        return head == null;
    }

    /** Tells that the queue is awake again. For the queue. */
    void awake() {
        sleeping = false;
    }

    /** Locked against {@link #close}: the number of a closed descriptor may soon stand for another file. */
    private synchronized void signal() {
        if (!closed) {
            LinuxCalls.write(eventFd, counter.address() + Long.BYTES, Long.BYTES);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            LinuxCalls.close(eventFd);
            counter.close();
        }
    }
}
