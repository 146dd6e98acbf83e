package io.ublkdisk.ublk;

/**
 * The requests of a queue that wait for a time: a binary heap, the earliest on top, and of two with the same time the one that
 * came first. Allocates nothing: it has a place for every tag. One thread only.
 */
final class TimerHeap {
    private final QueueRequest[] heap;
    private int size;
    private long sequence;

    TimerHeap(int capacity) {
        heap = new QueueRequest[capacity];
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** Returns when the earliest is due. Only while not empty. */
    long earliestNanos() {
        return heap[0].dueNanos;
    }

    void add(QueueRequest request) {
        request.timerSequence = sequence++;
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) >>> 1;
            if (!before(request, heap[parent])) {
                break;
            }
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = request;
    }

    /** Takes the earliest out; null if there is none. */
    QueueRequest poll() {
        if (size == 0) {
            return null;
        }
        QueueRequest earliest = heap[0];
        QueueRequest last = heap[--size];
        heap[size] = null;
        if (size > 0) {
            sink(last);
        }
        return earliest;
    }

    private void sink(QueueRequest request) {
        int hole = 0;
        int child;
        while ((child = 2 * hole + 1) < size) {
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], request)) {
                break;
            }
            heap[hole] = heap[child];
            hole = child;
        }
        heap[hole] = request;
    }

    private static boolean before(QueueRequest a, QueueRequest b) {
        // By difference: the clock's origin is arbitrary, and its values may wrap.
        long difference = a.dueNanos - b.dueNanos;
        return difference < 0 || (difference == 0 && a.timerSequence - b.timerSequence < 0);
    }
}
