package io.ublkdisk.control;

import io.ublkdisk.protocol.Command;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.ProtocolLine;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Hears what happens to a disk while it happens, over a socket of its own. Lines come on a daemon thread of this object. Nothing
 * waits for it: what the server has forgotten before it could send it, it counts.
 */
public final class JournalFollower implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration PARTING = Duration.ofSeconds(5);

    /** Takes what comes. */
    interface Sink {
        /** @param lostBefore how many lines between the last one and this one have been forgotten */
        void line(ProtocolLine words, long lostBefore) throws ProtocolException;
    }

    private final LineChannel wire;
    private final Sink sink;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean closed;

    /** Returns when the server has begun to send: what happens after that is heard. Takes over the wire. */
    JournalFollower(LineChannel wire, Command<?> command, Duration limit, Sink sink) throws IOException {
        this.wire = wire;
        this.sink = sink;
        wire.begin(command, limit);
        thread = new Thread(this::listen, "ublkdisk-follower");
        thread.setDaemon(true);
        thread.start();
    }

    private void listen() {
        long lost = 0;
        try {
            while (!closed) {
                String data = wire.poll(LOOK);
                if (data == null || closed) {
                    continue;
                }
                if (!data.startsWith(". ")) {
                    return; // the disk is gone
                }
                ProtocolLine words = new ProtocolLine(data.substring(2));
                if (data.startsWith(". lost=")) {
                    lost += KeyValues.parse(words).number("lost", 0);
                } else {
                    sink.line(words, lost);
                    lost = 0;
                }
            }
        } catch (EOFException serverIsGone) {
            // Every call says so; there is nothing more to hear.
        } catch (IOException | ProtocolException e) {
            if (!closed) {
                throw new UncheckedIOException(e instanceof IOException io ? io : new IOException(e));
            }
        } finally {
            ended.countDown();
            closeWire();
        }
    }

    /** Returns when there is nothing more to hear: the disk or its server is gone, or the listener threw. */
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** Hears nothing more from now on. Callable by the listener itself. */
    @Override
    public void close() {
        closed = true;
        wire.wakeUp();
        boolean interrupted = false;
        try {
            if (Thread.currentThread() != thread) {
                ended.await(PARTING.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeWire() {
        try {
            wire.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a socket does not close", e);
        }
    }
}
