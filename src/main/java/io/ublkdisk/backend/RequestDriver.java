package io.ublkdisk.backend;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.Stage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends requests to a {@link Backend} as a queue does, without any kernel: for the unit tests of a backend, on any system. Each
 * method sends one request, waits for its end, and answers its status. A wait of the backend ({@link Request#runAt}) is a real
 * one. One thread only; several drivers may use one backend.
 */
public final class RequestDriver {
    private static final int MAX_IO_BYTES = 1 << 20;

    private final Backend backend;
    private final Duration limit;
    private final DrivenRequest request = new DrivenRequest();

    /** @param limit how long a request may take */
    public RequestDriver(Backend backend, Duration limit) {
        this.backend = backend;
        this.limit = limit;
    }

    /** Makes a driver with a limit of 10 seconds for each request. */
    public RequestDriver(Backend backend) {
        this(backend, Duration.ofSeconds(10));
    }

    /** Reads as many bytes as the array has, at most 1 MiB; offset and length are whole sectors. */
    public BlockStatus read(long offsetBytes, byte[] target) throws Exception {
        BlockStatus status = perform(Operation.READ, 0, offsetBytes, target.length);
        request.data().get(0, target);
        return status;
    }

    public BlockStatus write(long offsetBytes, byte[] source) throws Exception {
        return write(offsetBytes, source, 0);
    }

    /** @param flags {@link Request#FUA} and its kin */
    public BlockStatus write(long offsetBytes, byte[] source, int flags) throws Exception {
        checkDataLength(source.length);
        request.data().put(0, source);
        return perform(Operation.WRITE, flags, offsetBytes, source.length);
    }

    public BlockStatus flush() throws Exception {
        return perform(Operation.FLUSH, 0, 0, 0);
    }

    public BlockStatus discard(long offsetBytes, long lengthBytes) throws Exception {
        return perform(Operation.DISCARD, 0, offsetBytes, lengthBytes);
    }

    public BlockStatus writeZeroes(long offsetBytes, long lengthBytes) throws Exception {
        return perform(Operation.WRITE_ZEROES, 0, offsetBytes, lengthBytes);
    }

    /**
     * @throws TimeoutException if the backend did not end the request in time; the driver is of no use after that
     * @throws Exception what the backend threw
     */
    private BlockStatus perform(Operation operation, int flags, long offsetBytes, long lengthBytes) throws Exception {
        if (offsetBytes % Sectors.BYTES != 0 || lengthBytes % Sectors.BYTES != 0) {
            throw new IllegalArgumentException(
                    "bytes " + offsetBytes + "+" + lengthBytes + ": must be whole sectors of " + Sectors.BYTES);
        }
        if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes + lengthBytes > backend.sizeBytes()) {
            throw new IllegalArgumentException(
                    "bytes " + offsetBytes + "+" + lengthBytes + ": the disk ends at " + backend.sizeBytes());
        }
        if (operation.hasData()) {
            checkDataLength(lengthBytes);
        }
        long deadline = Clock.nanos() + limit.toNanos();
        request.arrive(operation, flags, Sectors.ofBytes(offsetBytes), (int) Sectors.ofBytes(lengthBytes));
        backend.submit(request);
        while (!request.hasEnded()) {
            long now = Clock.nanos();
            if (now - deadline >= 0) {
                throw new TimeoutException(operation + " has not ended within " + limit);
            }
            long wait = request.runIfDue(now);
            LockSupport.parkNanos(this, Math.min(wait, deadline - now));
        }
        return request.status();
    }

    private static void checkDataLength(long lengthBytes) {
        if (lengthBytes > MAX_IO_BYTES) {
            throw new IllegalArgumentException("length " + lengthBytes + ": a request has at most " + MAX_IO_BYTES);
        }
    }

    /** The driver's only request. Its fields are guarded by it; the stages run outside. */
    private static final class DrivenRequest extends Request {
        private Thread driver;
        private BlockStatus status;
        private Stage stage;
        private long dueNanos;

        DrivenRequest() {
            super(0, 0, ByteBuffer.allocateDirect(MAX_IO_BYTES).order(ByteOrder.LITTLE_ENDIAN));
        }

        synchronized void arrive(Operation operation, int flags, long sector, int sectorCount) {
            begin(operation, flags, sector, sectorCount);
            driver = Thread.currentThread();
            status = null;
            stage = null;
        }

        @Override
        public synchronized void finish(BlockStatus status) {
            checkInBackend("completed");
            this.status = status;
            LockSupport.unpark(driver);
        }

        @Override
        public synchronized void runAt(long dueNanos, Stage next) {
            checkInBackend("put off");
            this.dueNanos = dueNanos;
            this.stage = next;
            LockSupport.unpark(driver);
        }

        private void checkInBackend(String what) {
            if (status != null) {
                throw new IllegalStateException("the request cannot be " + what + ": it has been completed already");
            }
            if (stage != null) {
                throw new IllegalStateException("the request cannot be " + what + ": it waits to be run at a time");
            }
        }

        synchronized boolean hasEnded() {
            return status != null;
        }

        synchronized BlockStatus status() {
            return status;
        }

        /** Runs the stage if its time has come; how long to wait for the next event. */
        long runIfDue(long now) throws Exception {
            Stage due;
            synchronized (this) {
                if (status != null) {
                    return 0;
                }
                if (stage == null) {
                    return Long.MAX_VALUE;
                }
                if (dueNanos - now > 0) {
                    return dueNanos - now;
                }
                due = stage;
                stage = null;
            }
            due.run(this);
            return 0;
        }
    }
}
