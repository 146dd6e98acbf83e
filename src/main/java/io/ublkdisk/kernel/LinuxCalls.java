package io.ublkdisk.kernel;

import com.sun.jna.Native;

/**
 * The system calls that a ublk server makes. Every one answers as the kernel does: a result, or <b>{@code -errno}</b>, and
 * throws nothing; {@link Errno#check} turns a negative answer into an exception where failing is not normal.
 */
public final class LinuxCalls {
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_DIRECT = System.getProperty("os.arch").matches("aarch64|arm") ? 0x10000 : 0x4000;
    public static final int O_CLOEXEC = 0x80000;

    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MAP_POPULATE = 0x8000;

    private static final int SEEK_DATA = 3;
    private static final int MLOCK_ONFAULT = 1;
    private static final int MADV_NOHUGEPAGE = 15;

    public static final int EFD_CLOEXEC = 0x80000;
    public static final int PR_SET_IO_FLUSHER = 57;
    public static final int FALLOC_FL_KEEP_SIZE = 1;
    public static final int FALLOC_FL_PUNCH_HOLE = 2;
    public static final int FALLOC_FL_ZERO_RANGE = 16;

    // The same on every architecture: numbers from 424 on were given out together.
    private static final long SYS_IO_URING_SETUP = 425;
    private static final long SYS_IO_URING_ENTER = 426;
    private static final long SYS_IO_URING_REGISTER = 427;

    private LinuxCalls() {}

    public static int open(String path, int flags) {
        return answer(LibC.open(path, flags, 0));
    }

    public static int close(int fd) {
        return answer(LibC.close(fd));
    }

    public static long read(int fd, long address, long count) {
        return answer(LibC.read(fd, address, count));
    }

    public static long write(int fd, long address, long count) {
        return answer(LibC.write(fd, address, count));
    }

    public static long pread(int fd, long address, long count, long offset) {
        return answer(LibC.pread(fd, address, count, offset));
    }

    public static long pwrite(int fd, long address, long count, long offset) {
        return answer(LibC.pwrite(fd, address, count, offset));
    }

    /** Returns the address of the new mapping, or {@code -errno}: no user address is negative. */
    public static long mmap(long length, int protection, int flags, int fd, long offset) {
        return answer(LibC.mmap(0, length, protection, flags, fd, offset));
    }

    /** {@code mlock2} with {@code MLOCK_ONFAULT}: what is touched from now on stays in memory. */
    public static int lockOnFault(long address, long length) {
        return answer(LibC.mlock2(address, length, MLOCK_ONFAULT));
    }

    /** {@code madvise} with {@code MADV_NOHUGEPAGE}: EINVAL from a kernel without huge pages. */
    public static int noHugePages(long address, long length) {
        return answer(LibC.madvise(address, length, MADV_NOHUGEPAGE));
    }

    /** {@code mincore}: a byte for each page, of which the lowest bit says whether it is in memory. ENOMEM where nothing is mapped. */
    public static int mincore(long address, long length, long vectorAddress) {
        return answer(LibC.mincore(address, length, vectorAddress));
    }

    public static int munmap(long address, long length) {
        return answer(LibC.munmap(address, length));
    }

    public static int ioctl(int fd, long request, long argument) {
        return answer(LibC.ioctl(fd, request, argument));
    }

    public static int ioUringSetup(int entries, long paramsAddress) {
        return (int) answer(LibC.syscall(SYS_IO_URING_SETUP, entries, paramsAddress, 0, 0, 0, 0));
    }

    /** Calls it without an argument, so the kernel does not ask how long the argument is. */
    public static int ioUringEnter(int ringFd, int toSubmit, int minComplete, int flags) {
        return (int) answer(LibC.syscall(SYS_IO_URING_ENTER, ringFd, toSubmit, minComplete, flags, 0));
    }

    public static int ioUringEnter(
            int ringFd, int toSubmit, int minComplete, int flags, long argument, long argumentBytes) {
        return (int)
                answer(LibC.syscall(SYS_IO_URING_ENTER, ringFd, toSubmit, minComplete, flags, argument, argumentBytes));
    }

    public static int ioUringRegister(int ringFd, int opcode, long argument, int count) {
        return (int) answer(LibC.syscall(SYS_IO_URING_REGISTER, ringFd, opcode, argument, count, 0, 0));
    }

    public static int eventfd(int initialValue, int flags) {
        return answer(LibC.eventfd(initialValue, flags));
    }

    /** Binds the calling thread to the processors of that mask. */
    public static int setAffinity(long maskAddress, long maskBytes) {
        return answer(LibC.sched_setaffinity(0, maskBytes, maskAddress));
    }

    /** Returns the processors that the calling thread may run on, written to that address. */
    public static int affinity(long maskAddress, long maskBytes) {
        return answer(LibC.sched_getaffinity(0, maskBytes, maskAddress));
    }

    public static int prctl(int option, long argument) {
        return answer(LibC.prctl(option, argument, 0, 0, 0));
    }

    /** Returns the kernel's id of the calling thread. */
    public static int gettid() {
        return LibC.gettid();
    }

    public static int geteuid() {
        return LibC.geteuid();
    }

    public static int fallocate(int fd, int mode, long offset, long length) {
        return answer(LibC.fallocate(fd, mode, offset, length));
    }

    public static int fdatasync(int fd) {
        return answer(LibC.fdatasync(fd));
    }

    /** {@code lseek} with {@code SEEK_DATA}: where the next byte is that is in no hole; ENXIO if there is none. */
    public static long seekData(int fd, long offset) {
        return answer(LibC.lseek(fd, offset, SEEK_DATA));
    }

    private static int answer(int result) {
        return result == -1 ? -Native.getLastError() : result;
    }

    private static long answer(long result) {
        return result == -1 ? -Native.getLastError() : result;
    }
}
