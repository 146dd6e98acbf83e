package io.ublkdisk.backend;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A disk for the unit tests of people who drive one: it keeps its bytes in memory, remembers every call, and can be told to
 * fail, to wait and to hold. Works under a real device and, without any kernel, under a {@link RequestDriver}. Thread safe.
 */
public final class MockBackend implements Backend {

    /** A request as it came. */
    public record Call(Operation operation, long offsetBytes, long lengthBytes, boolean fua) {}

    private record Failure(BlockStatus status, int times) {}

    private final MemoryBackend memory;
    private final List<Call> calls = new ArrayList<>();
    private final Map<Operation, Failure> failures = new EnumMap<>(Operation.class);
    private final Map<Operation, Duration> delays = new EnumMap<>(Operation.class);
    private final Map<Operation, Deque<Request>> holds = new EnumMap<>(Operation.class);
    private boolean closed;

    public MockBackend(long sizeBytes) {
        memory = new MemoryBackend(sizeBytes);
    }

    /** Fails the next requests of that kind, so many of them, with that status, and leaves the bytes alone. */
    public synchronized MockBackend fail(Operation operation, BlockStatus status, int times) {
        failures.put(operation, new Failure(status, times));
        return this;
    }

    /** Makes requests of that kind take so long from now on. */
    public synchronized MockBackend delay(Operation operation, Duration time) {
        delays.put(operation, time);
        return this;
    }

    /** Keeps requests of that kind from ending, until {@link #release}. */
    public synchronized MockBackend hold(Operation operation) {
        holds.putIfAbsent(operation, new ArrayDeque<>());
        return this;
    }

    /** Serves what has been held, in order, and holds no more. Returns how many that were. */
    public int release() {
        List<Request> released = new ArrayList<>();
        synchronized (this) {
            holds.values().forEach(released::addAll);
            holds.clear();
        }
        released.forEach(memory::submit);
        return released.size();
    }

    /** Returns how many requests are held. */
    public synchronized int held() {
        return holds.values().stream().mapToInt(Deque::size).sum();
    }

    /** Returns all calls so far, in order; a copy. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    public synchronized long count(Operation operation) {
        return calls.stream().filter(call -> call.operation() == operation).count();
    }

    /** Waits until so many calls of that kind have come; false if they have not in time. */
    public synchronized boolean awaitCount(Operation operation, long count, Duration limit)
            throws InterruptedException {
        long deadline = Clock.nanos() + limit.toNanos();
        while (count(operation) < count) {
            long left = deadline - Clock.nanos();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000 + 1);
        }
        return true;
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public long sizeBytes() {
        return memory.sizeBytes();
    }

    @Override
    public void submit(Request request) {
        Duration delay;
        synchronized (this) {
            Operation operation = request.operation();
            calls.add(new Call(operation, request.offsetBytes(), request.lengthBytes(), request.fua()));
            notifyAll();
            Failure failure = failures.get(operation);
            if (failure != null && failure.times() > 0) {
                failures.put(operation, new Failure(failure.status(), failure.times() - 1));
                request.fail(failure.status());
                return;
            }
            if (holds.containsKey(operation)) {
                holds.get(operation).add(request);
                return;
            }
            delay = delays.get(operation);
        }
        if (delay != null) {
            request.runAt(Clock.nanos() + delay.toNanos(), memory::submit);
        } else {
            memory.submit(request);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
