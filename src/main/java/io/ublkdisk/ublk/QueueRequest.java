package io.ublkdisk.ublk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Stage;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The request of one tag of a queue. Who may touch it is decided by its state, which any thread may change by compare-and-set:
 *
 * <pre>
 *            arrive            finish
 *   DONE ──────────▶ ACTIVE ──────────▶ DONE        the backend has it while ACTIVE
 *                     │  ▲
 *               runAt ▼  │ due
 *                   WAITING                         the queue has it, to run a stage at a time
 *
 *   ACTIVE, WAITING ──────────▶ ABANDONED           the queue has failed it over the backend's head; what
 *                                                   the backend still says of it is not heard
 * </pre>
 */
final class QueueRequest extends Request {
    private static final int DONE = 0;
    private static final int ACTIVE = 1;
    private static final int WAITING = 2;
    private static final int ABANDONED = 3;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(QueueRequest.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final RequestOwner owner;

    /** The tag's place with the thread that serves it: {@link TagShare}. */
    final int slot;

    private volatile int state = DONE;

    /** Link of the {@link Inbox}. */
    QueueRequest next;

    /** How it ended; valid in the hands of the queue. */
    BlockStatus status;

    long arrivedNanos;
    long dueNanos;
    long timerSequence;
    private Stage stage;

    /** Of {@link ZeroCopyPath}: whether we have registered its memory; its file operations under way, and how they went. */
    boolean registered;

    int transfers;
    BlockStatus transferStatus;
    boolean waitsForTransfers;

    QueueRequest(RequestOwner owner, int queueId, int tag, int slot, ByteBuffer data) {
        super(queueId, tag, data);
        this.owner = owner;
        this.slot = slot;
    }

    void arrive(Operation operation, int flags, long sector, int sectorCount, long nowNanos) {
        begin(operation, flags, sector, sectorCount);
        arrivedNanos = nowNanos;
        state = ACTIVE;
    }

    @Override
    public void finish(BlockStatus status) {
        if (STATE.compareAndSet(this, ACTIVE, DONE)) {
            this.status = status;
            owner.finished(this);
        } else if (state != ABANDONED) {
            throw new IllegalStateException(this + " cannot be completed: it " + whyNot());
        }
    }

    @Override
    public void runAt(long dueNanos, Stage next) {
        if (state == ACTIVE) {
            // Before the compare-and-set: after it, the queue may run the stage at any moment.
            this.dueNanos = dueNanos;
            this.stage = next;
        }
        if (STATE.compareAndSet(this, ACTIVE, WAITING)) {
            owner.waiting(this);
        } else if (state != ABANDONED) {
            throw new IllegalStateException(this + " cannot wait: it " + whyNot());
        }
    }

    /** Tells that the time has come. Returns false if the request has been abandoned in the meantime. */
    boolean becomeDue() {
        return STATE.compareAndSet(this, WAITING, ACTIVE);
    }

    void runStage() throws Exception {
        Stage due = stage;
        stage = null;
        due.run(this);
    }

    /** Ends it with that status if the backend has not done so yet, and does not wait. */
    void finishIfActive(BlockStatus status) {
        if (STATE.compareAndSet(this, ACTIVE, DONE)) {
            this.status = status;
            owner.finished(this);
        }
    }

    /** Takes it from the backend, for good. False if there is nothing to take: it has ended. */
    boolean abandon() {
        return STATE.compareAndSet(this, ACTIVE, ABANDONED) || STATE.compareAndSet(this, WAITING, ABANDONED);
    }

    boolean isDone() {
        return state == DONE;
    }

    boolean isWaiting() {
        return state == WAITING;
    }

    private String whyNot() {
        return state == WAITING ? "waits to be run at a time" : "has been completed already";
    }

    @Override
    public String toString() {
        return operation() + " of sectors " + sector() + "+" + sectorCount() + " (queue " + queueId() + ", tag " + tag()
                + ")";
    }
}
