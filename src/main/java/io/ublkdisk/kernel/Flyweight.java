package io.ublkdisk.kernel;

import java.nio.ByteBuffer;

/**
 * A window on one kernel struct inside a buffer: it holds a buffer and an offset, copies nothing and is moved by {@link
 * #wrap}. The field names are the kernel's. Not thread safe; the buffer is in the processor's byte order.
 *
 * @param <T> the subclass itself
 */
public abstract class Flyweight<T extends Flyweight<T>> {
    protected ByteBuffer buffer;
    protected int offset;

    /** Moves the window to the struct that begins at that offset. */
    public final T wrap(ByteBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return self();
    }

    /** Moves the window within the same buffer. */
    public final T moveTo(int offset) {
        this.offset = offset;
        return self();
    }

    /** Returns where in its buffer the struct begins. */
    public final int offset() {
        return offset;
    }

    protected abstract T self();

    protected final int u8(int field) {
        return buffer.get(offset + field) & 0xff;
    }

    protected final int u16(int field) {
        return buffer.getShort(offset + field) & 0xffff;
    }

    protected final int s32(int field) {
        return buffer.getInt(offset + field);
    }

    protected final long u32(int field) {
        return buffer.getInt(offset + field) & 0xffff_ffffL;
    }

    protected final long u64(int field) {
        return buffer.getLong(offset + field);
    }

    protected final T u8(int field, int value) {
        buffer.put(offset + field, (byte) value);
        return self();
    }

    protected final T u16(int field, int value) {
        buffer.putShort(offset + field, (short) value);
        return self();
    }

    protected final T s32(int field, int value) {
        buffer.putInt(offset + field, value);
        return self();
    }

    protected final T u64(int field, long value) {
        buffer.putLong(offset + field, value);
        return self();
    }
}
