package io.ublkdisk.kernel;

import static io.ublkdisk.kernel.LinuxCalls.MAP_ANONYMOUS;
import static io.ublkdisk.kernel.LinuxCalls.MAP_NORESERVE;
import static io.ublkdisk.kernel.LinuxCalls.MAP_PRIVATE;
import static io.ublkdisk.kernel.LinuxCalls.PROT_READ;
import static io.ublkdisk.kernel.LinuxCalls.PROT_WRITE;
import static io.ublkdisk.kernel.UblkCommands.PAGE_BYTES;

import com.sun.jna.Pointer;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A run of memory that the kernel shares with this process, by its address for the kernel and as a {@link ByteBuffer} for
 * us. Made once, at set-up: after that only the buffer is touched.
 *
 * <p>After {@link #close} the buffer must not be touched: the process would die. Where other code may still hold it, call
 * {@link #closeWhenUnreachable} instead: the memory then goes when the last buffer, slice or view of it has gone.
 */
public final class MappedMemory implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final long address;
    private final long length;
    private ByteBuffer buffer;

    private MappedMemory(long address, int length) {
        this.address = address;
        this.length = length;
        this.buffer = new Pointer(address).getByteBuffer(0, length).order(ByteOrder.nativeOrder());
    }

    /** Zeroed memory of this process, given real pages only as it is touched; page-aligned. */
    public static MappedMemory anonymous(int length) throws ErrnoException {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        return of(LinuxCalls.mmap(length, PROT_READ | PROT_WRITE, flags, -1, 0), length, "mmap of memory");
    }

    /** Maps a part of what the descriptor stands for. */
    public static MappedMemory ofFile(int fd, long offset, int length, int protection, int flags)
            throws ErrnoException {
        return of(LinuxCalls.mmap(length, protection, flags, fd, offset), length, "mmap of descriptor " + fd);
    }

    private static MappedMemory of(long address, int length, String operation) throws ErrnoException {
        return new MappedMemory(Errno.check(address, operation + ", " + length + " bytes"), length);
    }

    /** Keeps in memory what is touched of it from now on, as far as this process may lock that much ({@code ulimit -l}). */
    public void lockOnFault() {
        LinuxCalls.lockOnFault(address, length);
    }

    /** Real pages come one by one, each zeroed as it is touched, and not hundreds at once. */
    public void noHugePages() {
        LinuxCalls.noHugePages(address, length);
    }

    /** Returns how many bytes of it have real pages; 0 if it has been unmapped. From any thread. */
    public long residentBytes() {
        int pages = (int) ((length + PAGE_BYTES - 1) / PAGE_BYTES);
        try (MappedMemory vector = anonymous(pages)) {
            if (LinuxCalls.mincore(address, length, vector.address) != 0) {
                return 0;
            }
            long resident = 0;
            for (int page = 0; page < pages; page++) {
                resident += vector.buffer.get(page) & 1;
            }
            return resident * PAGE_BYTES;
        } catch (ErrnoException noMemory) {
            return 0;
        }
    }

    public long address() {
        return address;
    }

    /** Returns the whole mapping in the processor's byte order; always the same object. */
    public ByteBuffer buffer() {
        if (buffer == null) {
            throw new IllegalStateException("this memory has been unmapped");
        }
        return buffer;
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (buffer != null) {
            buffer = null;
            LinuxCalls.munmap(address, length);
        }
    }

    /** Unmaps as soon as no code can reach the buffer or a view of it any more. The kernel must have let go of it before. */
    public void closeWhenUnreachable() {
        if (buffer != null) {
            CLEANER.register(buffer, new Unmap(address, length));
            buffer = null;
        }
    }

    private record Unmap(long address, long length) implements Runnable {
        @Override
        public void run() {
            LinuxCalls.munmap(address, length);
        }
    }
}
