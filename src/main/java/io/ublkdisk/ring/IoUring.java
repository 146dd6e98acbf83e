package io.ublkdisk.ring;

import static io.ublkdisk.kernel.IoUringParams.IORING_SETUP_COOP_TASKRUN;
import static io.ublkdisk.kernel.IoUringParams.IORING_SETUP_DEFER_TASKRUN;
import static io.ublkdisk.kernel.IoUringParams.IORING_SETUP_SINGLE_ISSUER;
import static io.ublkdisk.kernel.IoUringParams.IORING_SETUP_SQE128;

import io.ublkdisk.kernel.Cqe;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.IoUringParams;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.MappedMemory;
import io.ublkdisk.kernel.Sqe;
import java.nio.ByteBuffer;

/**
 * An io_uring: a {@link SubmissionQueue} and a {@link CompletionQueue} shared with the kernel, and the one system call that
 * drives both. A duty cycle is: queue entries, {@link #enter} once, drain the answers.
 */
public final class IoUring implements AutoCloseable {
    private static final long OFF_RINGS = 0;
    private static final long OFF_SQES = 0x1000_0000;

    private static final int IORING_ENTER_GETEVENTS = 1;
    private static final int IORING_ENTER_EXT_ARG = 8;
    private static final int IORING_REGISTER_FILES = 2;
    private static final int IORING_UNREGISTER_FILES = 3;
    private static final int IORING_REGISTER_BUFFERS2 = 15;
    private static final int IORING_RSRC_REGISTER_SPARSE = 1;
    private static final int IORING_REGISTER_PBUF_RING = 22;

    /** {@code struct io_uring_rsrc_register}: count, flags. */
    private static final int SPARSE_BYTES = 32;

    /** {@code struct io_uring_buf_reg}: address, entries, group. */
    private static final int BUFFER_RING_BYTES = 40;

    /** {@code struct io_uring_getevents_arg}, and behind it the {@code __kernel_timespec} that it points to. */
    private static final int ARGUMENT_BYTES = 24;

    private static final int ARGUMENT_TIMESPEC = 16;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /**
     * Best first. All completion work is done inside {@link #enter}, by the one thread that owns the ring: nothing
     * interrupts it, and nothing is sent between processors.
     */
    private static final int[] QUEUE_FLAGS = {
        IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, // 6.1
        IORING_SETUP_COOP_TASKRUN, // 5.19
        0
    };

    private final int fd;
    private final int flags;
    private final MappedMemory rings;
    private final MappedMemory sqes;
    private final MappedMemory argument;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private boolean closed;

    private IoUring(int entries, int flags, int sqeBytes, MappedMemory paramsMemory) throws ErrnoException {
        IoUringParams params =
                new IoUringParams().wrap(paramsMemory.buffer(), 0).flags(flags);
        this.flags = flags;
        fd = Errno.check(LinuxCalls.ioUringSetup(entries, paramsMemory.address()), "io_uring_setup");
        MappedMemory mappedRings = null;
        MappedMemory mappedSqes = null;
        try {
            int needed = IoUringParams.IORING_FEAT_SINGLE_MMAP | IoUringParams.IORING_FEAT_EXT_ARG;
            if ((params.features() & needed) != needed) {
                throw new ErrnoException("io_uring older than Linux 5.11", Errno.ENOSYS);
            }
            int arrayEnd = params.sqArray() + params.sqEntries() * Integer.BYTES;
            int cqesEnd = params.cqCqes() + params.cqEntries() * Cqe.BYTES;
            mappedRings = map(OFF_RINGS, Math.max(arrayEnd, cqesEnd));
            mappedSqes = map(OFF_SQES, params.sqEntries() * sqeBytes);
            argument = MappedMemory.anonymous(ARGUMENT_BYTES + ARGUMENT_TIMESPEC);
        } catch (ErrnoException | RuntimeException e) {
            closeAll(mappedSqes, mappedRings);
            LinuxCalls.close(fd);
            throw e;
        }
        rings = mappedRings;
        sqes = mappedSqes;
        argument.buffer().putLong(ARGUMENT_TIMESPEC, argument.address() + ARGUMENT_BYTES);
        ByteBuffer ring = rings.buffer();
        submissions = new SubmissionQueue(
                ring,
                params.sqHead(),
                params.sqTail(),
                params.sqArray(),
                ring.getInt(params.sqRingMask()),
                sqes.buffer());
        completions = new CompletionQueue(
                ring,
                params.cqHead(),
                params.cqTail(),
                params.cqOverflow(),
                ring.getInt(params.cqRingMask()),
                params.cqCqes());
    }

    /**
     * Returns a ring of 64-byte entries for the calling thread alone: no other thread may enter it.
     *
     * @param entries how many may be queued at once; rounded up to a power of two
     */
    public static IoUring forQueue(int entries) throws ErrnoException {
        for (int i = 0; ; i++) {
            try {
                return open(entries, QUEUE_FLAGS[i], Sqe.BYTES);
            } catch (ErrnoException e) {
                boolean flagUnknown = e.errno() == Errno.EINVAL && i + 1 < QUEUE_FLAGS.length;
                if (!flagUnknown) {
                    throw e;
                }
            }
        }
    }

    /** Returns a ring of 128-byte entries, which the control device wants; any thread may enter it, one at a time. */
    public static IoUring forControl(int entries) throws ErrnoException {
        return open(entries, IORING_SETUP_SQE128, 2 * Sqe.BYTES);
    }

    private static IoUring open(int entries, int flags, int sqeBytes) throws ErrnoException {
        try (MappedMemory params = MappedMemory.anonymous(IoUringParams.BYTES)) {
            return new IoUring(entries, flags, sqeBytes, params);
        }
    }

    public SubmissionQueue submissions() {
        return submissions;
    }

    public CompletionQueue completions() {
        return completions;
    }

    /** Returns the {@code IORING_SETUP_*} flags that the kernel accepted. */
    public int flags() {
        return flags;
    }

    /**
     * Submits what is queued and waits until there are that many answers, or the time is over.
     *
     * @param minComplete 0 to wait for nothing
     * @param timeoutNanos negative to wait for ever
     * @return how many entries the kernel took, or {@code -errno}: ETIME and EINTR are normal ends of a wait
     */
    public int enter(int minComplete, long timeoutNanos) {
        int toSubmit = submissions.publish();
        if (minComplete == 0 || timeoutNanos < 0) {
            return LinuxCalls.ioUringEnter(fd, toSubmit, minComplete, IORING_ENTER_GETEVENTS);
        }
        argument.buffer().putLong(ARGUMENT_BYTES, timeoutNanos / NANOS_PER_SECOND);
        argument.buffer().putLong(ARGUMENT_BYTES + Long.BYTES, timeoutNanos % NANOS_PER_SECOND);
        int how = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
        return LinuxCalls.ioUringEnter(fd, toSubmit, minComplete, how, argument.address(), ARGUMENT_BYTES);
    }

    /** Makes the descriptor index 0 of the registered files: an entry that names it there spares its look-up. */
    public void registerFile(int file) throws ErrnoException {
        try (MappedMemory files = MappedMemory.anonymous(Integer.BYTES)) {
            files.buffer().putInt(0, file);
            Errno.check(
                    LinuxCalls.ioUringRegister(fd, IORING_REGISTER_FILES, files.address(), 1),
                    "io_uring_register of descriptor " + file);
        }
    }

    /** Makes a table of so many buffers, none of which is there yet: a driver may put its own into it. Linux 5.19. */
    public void registerSparseBuffers(int count) throws ErrnoException {
        try (MappedMemory table = MappedMemory.anonymous(SPARSE_BYTES)) {
            table.buffer().putInt(0, count).putInt(Integer.BYTES, IORING_RSRC_REGISTER_SPARSE);
            Errno.check(
                    LinuxCalls.ioUringRegister(fd, IORING_REGISTER_BUFFERS2, table.address(), SPARSE_BYTES),
                    "io_uring_register of a table of " + count + " buffers");
        }
    }

    /** Tells the kernel where {@link ProvidedBuffers} are. */
    void registerBufferRing(long address, int entries, int group) throws ErrnoException {
        try (MappedMemory ring = MappedMemory.anonymous(BUFFER_RING_BYTES)) {
            ring.buffer().putLong(0, address).putInt(8, entries).putShort(12, (short) group);
            Errno.check(
                    LinuxCalls.ioUringRegister(fd, IORING_REGISTER_PBUF_RING, ring.address(), 1),
                    "io_uring_register of " + entries + " provided buffers");
        }
    }

    /** Lets go of the registered file now, and not when the kernel gets to it some time after {@link #close}. */
    public void unregisterFiles() {
        LinuxCalls.ioUringRegister(fd, IORING_UNREGISTER_FILES, 0, 0);
    }

    /** Idempotent. What is under way is cancelled; the kernel may still write to its buffers for a while. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            closeAll(argument, sqes, rings);
            LinuxCalls.close(fd);
        }
    }

    private MappedMemory map(long offset, int length) throws ErrnoException {
        int protection = LinuxCalls.PROT_READ | LinuxCalls.PROT_WRITE;
        int how = LinuxCalls.MAP_SHARED | LinuxCalls.MAP_POPULATE;
        return MappedMemory.ofFile(fd, offset, length, protection, how);
    }

    private static void closeAll(MappedMemory... memories) {
        for (MappedMemory memory : memories) {
            if (memory != null) {
                memory.close();
            }
        }
    }
}
