package io.ublkdisk.disk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Stage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The kernel's side of a drive, in the same thread: sends one request at a time under one tag and looks how it ends. A
 * request that is to wait waits until the test lets time pass.
 */
public final class Host {
    static final int MAX_BYTES = 1 << 20;

    private final Drive drive;
    private final OneRequest request;

    public Host(Drive drive) {
        this(drive, 0);
    }

    public Host(Drive drive, int queueId) {
        this.drive = drive;
        this.request = new OneRequest(queueId);
    }

    public BlockStatus write(long sector, byte[] data) {
        return write(sector, data, 0);
    }

    public BlockStatus writeFua(long sector, byte[] data) {
        return write(sector, data, Request.FUA);
    }

    private BlockStatus write(long sector, byte[] data, int flags) {
        request.data().put(0, data);
        return send(Operation.WRITE, flags, sector, data.length / 512).status();
    }

    /** Sends a write that a rule is to hold. */
    OneRequest hold(long sector, byte[] data) {
        request.data().put(0, data);
        return send(Operation.WRITE, 0, sector, data.length / 512);
    }

    /** The bytes read; what the request failed with is in {@link OneRequest#status}. */
    public byte[] read(long sector, int sectorCount) {
        BlockStatus status = send(Operation.READ, 0, sector, sectorCount).status();
        if (status != BlockStatus.OK) {
            throw new AssertionError("read of " + sectorCount + " sectors at " + sector + ": " + status);
        }
        byte[] bytes = new byte[sectorCount * 512];
        request.data().get(0, bytes);
        return bytes;
    }

    public byte[] readAll() {
        return read(0, (int) (drive.sizeBytes() / 512));
    }

    public BlockStatus flush() {
        return send(Operation.FLUSH, 0, 0, 0).status();
    }

    public BlockStatus discard(long sector, int sectorCount) {
        return send(Operation.DISCARD, 0, sector, sectorCount).status();
    }

    public BlockStatus writeZeroes(long sector, int sectorCount) {
        return send(Operation.WRITE_ZEROES, 0, sector, sectorCount).status();
    }

    /** Sends a request that may be left waiting. */
    public OneRequest send(Operation operation, int flags, long sector, int sectorCount) {
        request.start(operation, flags, sector, sectorCount);
        try {
            drive.submit(request);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return request;
    }

    public static final class OneRequest extends Request {
        private BlockStatus status;
        private Stage next;
        private long dueNanos;

        public OneRequest(int queueId) {
            super(queueId, 0, ByteBuffer.allocateDirect(MAX_BYTES).order(ByteOrder.LITTLE_ENDIAN));
        }

        private void start(Operation operation, int flags, long sector, int sectorCount) {
            status = null;
            next = null;
            begin(operation, flags, sector, sectorCount);
        }

        /** How it ended; null if it has not. */
        public BlockStatus status() {
            return status;
        }

        public boolean isWaiting() {
            return next != null;
        }

        long dueNanos() {
            return dueNanos;
        }

        /** Time passes. */
        public OneRequest goOn() {
            Stage stage = next;
            next = null;
            try {
                stage.run(this);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            return this;
        }

        @Override
        public void finish(BlockStatus how) {
            if (status != null || next != null) {
                throw new IllegalStateException("ended twice, or while waiting: " + status + ", " + how);
            }
            status = how;
        }

        @Override
        public void runAt(long due, Stage stage) {
            if (status != null || next != null) {
                throw new IllegalStateException("waits twice, or after its end: " + status);
            }
            dueNanos = due;
            next = stage;
        }
    }
}
