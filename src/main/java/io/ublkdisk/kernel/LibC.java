package io.ublkdisk.kernel;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * The functions of the C library as they are, bound by direct mapping (about 90 ns a call). All addresses, sizes and offsets
 * are plain {@code long}s: this binding is for 64-bit Linux. {@link LinuxCalls} is how the other rooms call them.
 */
final class LibC {
    static {
        // The library is in the process already; asking for it by name would search the disk.
        Native.register(LibC.class, NativeLibrary.getProcess());
    }

    private LibC() {}

    static native int open(String path, int flags, int mode);

    static native int close(int fd);

    static native long read(int fd, long address, long count);

    static native long write(int fd, long address, long count);

    static native long pread(int fd, long address, long count, long offset);

    static native long pwrite(int fd, long address, long count, long offset);

    static native long mmap(long address, long length, int protection, int flags, int fd, long offset);

    static native int mincore(long address, long length, long vectorAddress);

    static native int munmap(long address, long length);

    static native int madvise(long address, long length, int advice);

    static native int mlock2(long address, long length, int flags);

    static native int ioctl(int fd, long request, long argument);

    static native long syscall(long number, long a, long b, long c, long d, long e, long f);

    /**
     * Calls the kernel. Each argument costs some 250 instructions, so a call that is made often has no more than it needs.
     */
    static native long syscall(long number, long a, long b, long c, long d, long e);

    static native int eventfd(int initialValue, int flags);

    static native int sched_setaffinity(int pid, long maskBytes, long maskAddress);

    static native int sched_getaffinity(int pid, long maskBytes, long maskAddress);

    static native int prctl(int option, long a, long b, long c, long d);

    static native int gettid();

    static native int geteuid();

    static native int fallocate(int fd, int mode, long offset, long length);

    static native int fdatasync(int fd);

    static native long lseek(int fd, long offset, int whence);
}
