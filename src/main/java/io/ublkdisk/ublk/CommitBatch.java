package io.ublkdisk.ublk;

import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.MappedMemory;
import io.ublkdisk.kernel.UblkElemHeader;

/** Elements of a PREP_IO_CMDS or COMMIT_IO_CMDS: tags with their results, in memory that the driver reads. One thread only. */
final class CommitBatch implements AutoCloseable {
    private final MappedMemory memory;
    private final int elementBytes;
    private final UblkElemHeader element = new UblkElemHeader();
    private int count;

    /** @param withPlaces whether each element has an address or a sector */
    CommitBatch(int capacity, boolean withPlaces) throws ErrnoException {
        elementBytes = UblkElemHeader.BYTES + (withPlaces ? Long.BYTES : 0);
        memory = MappedMemory.anonymous(capacity * elementBytes);
        element.wrap(memory.buffer(), 0);
    }

    int elementBytes() {
        return elementBytes;
    }

    int count() {
        return count;
    }

    long address() {
        return memory.address();
    }

    void add(int tag, int result, int bufferIndex, long place) {
        element.moveTo(count * elementBytes).tag(tag).bufIndex(bufferIndex).result(result);
        if (elementBytes > UblkElemHeader.BYTES) {
            element.place(place);
        }
        count++;
    }

    /** Moves all but the first so many elements behind those of the other batch, and is empty then. */
    void moveRest(int done, CommitBatch other) {
        int rest = (count - done) * elementBytes;
        other.memory.buffer().put(other.count * elementBytes, memory.buffer(), done * elementBytes, rest);
        other.count += count - done;
        count = 0;
    }

    void clear() {
        count = 0;
    }

    @Override
    public void close() {
        memory.close();
    }
}
