package io.ublkdisk.ublk;

import io.ublkdisk.block.Clock;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.MappedMemory;
import io.ublkdisk.kernel.Sqe;
import io.ublkdisk.kernel.UblkCtrlCmd;
import io.ublkdisk.ring.IoUring;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One command to the control device, with a ring and a buffer of its own. Commands sleep in the kernel's own workers, so giving
 * up a wait does not end the command: the kernel may read or write the buffer long after. Such a command is kept aside,
 * ring, buffer and all, until its answer is there; freed memory is never left to the kernel.
 */
final class ControlCommand implements AutoCloseable {
    private static final int BUFFER_BYTES = 4096;
    /** Before the data in the buffer there is room for the path of a character device. */
    private static final int PATH_ROOM = 64;

    /** Given up by their callers, not yet answered by the kernel. */
    private static final Set<ControlCommand> GIVEN_UP = ConcurrentHashMap.newKeySet();

    private final String name;
    private final int opcode;
    private final IoUring ring;
    private final MappedMemory buffer;
    private final UblkCtrlCmd payload = new UblkCtrlCmd();
    private int pathBytes;
    private boolean underWay;
    private int result;

    ControlCommand(int controlFd, String name, int opcode, int deviceId) throws UblkException {
        releaseAnswered();
        this.name = deviceId < 0 ? name : name + " of ublk device " + deviceId;
        this.opcode = opcode;
        try {
            ring = IoUring.forControl(1);
            buffer = MappedMemory.anonymous(BUFFER_BYTES);
        } catch (ErrnoException e) {
            throw new UblkException(
                    e.operation(),
                    e.errno(),
                    "io_uring is needed: see /proc/sys/kernel/io_uring_disabled, seccomp filters, and limits.");
        }
        ByteBuffer sqes = ring.submissions().sqes();
        new Sqe()
                .wrap(sqes, 0)
                .opcode(Sqe.IORING_OP_URING_CMD)
                .fd(controlFd)
                .cmdOp(opcode)
                .userData(opcode);
        payload.wrap(sqes, Sqe.CMD).devId(deviceId).queueId(UblkCtrlCmd.NO_QUEUE);
    }

    /** Returns the inline argument. */
    ControlCommand data(long value) {
        payload.data(value);
        return this;
    }

    /**
     * Goes with the path of the device that it is about, by which the driver knows what the caller may do. That is needed
     * if the caller is not root, and if the device was made by a user who is not.
     */
    ControlCommand path(String path) {
        byte[] bytes = path.getBytes(StandardCharsets.US_ASCII);
        pathBytes = bytes.length;
        buffer.buffer().put(PATH_ROOM - pathBytes, bytes);
        payload.addr(buffer.address() + PATH_ROOM - pathBytes).len(pathBytes).devPathLen(pathBytes);
        return this;
    }

    /** Returns the command's buffer, at most some 4000 bytes: the driver reads or writes that many. */
    ByteBuffer buffer(int length) {
        payload.addr(buffer.address() + PATH_ROOM - pathBytes).len(pathBytes + length);
        return buffer.buffer().slice(PATH_ROOM, BUFFER_BYTES - PATH_ROOM).order(ByteOrder.nativeOrder());
    }

    /** Submits, and waits for the answer at most that long. */
    int run(Duration limit) throws UblkException {
        submit();
        if (!await(limit)) {
            throw failure(Errno.ETIME);
        }
        return check();
    }

    /** Begins without waiting; {@link #await} and {@link #check} follow. */
    void submit() {
        ring.submissions().queue(0);
        underWay = true;
    }

    /** Waits for the answer; false if it has not come within the limit. */
    boolean await(Duration limit) {
        long deadline = Clock.nanos() + limit.toNanos();
        while (underWay) {
            int answer = ring.enter(1, Math.max(0, deadline - Clock.nanos()));
            ring.completions().drain(this::answered);
            // Anything but a time-out or a signal means that the entry never went in, or that nobody will answer.
            if (underWay && answer < 0 && !mayComeYet(Errno.of(answer))) {
                answered(opcode, answer, 0);
            }
            if (underWay && Clock.nanos() - deadline >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns the result, as an exception with its remedy if it is an error. */
    int check() throws UblkException {
        if (result < 0) {
            throw failure(Errno.of(result));
        }
        return result;
    }

    /** Returns the result as the kernel gave it: negative is {@code -errno}. */
    int result() {
        return result;
    }

    UblkException failure(Errno errno) {
        return new UblkException(name, errno, Remedy.forCommand(opcode, errno));
    }

    @Override
    public void close() {
        if (underWay) {
            GIVEN_UP.add(this);
        } else {
            ring.close();
            buffer.close();
        }
    }

    /** Returns how many commands the kernel has not answered although no thread waits for them any more. */
    static int givenUp() {
        releaseAnswered();
        return GIVEN_UP.size();
    }

    private void answered(long userData, int result, int flags) {
        this.result = result;
        underWay = false;
    }

    private static boolean mayComeYet(Errno errno) {
        return errno == Errno.ETIME || errno == Errno.EINTR || errno == Errno.EAGAIN || errno == Errno.EBUSY;
    }

    private static void releaseAnswered() {
        for (ControlCommand command : GIVEN_UP) {
            // Removal decides who of several callers looks at it: a ring is for one thread at a time.
            if (GIVEN_UP.remove(command)) {
                command.await(Duration.ZERO);
                command.close();
            }
        }
    }
}
