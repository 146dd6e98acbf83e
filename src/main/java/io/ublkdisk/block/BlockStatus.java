package io.ublkdisk.block;

import java.util.Arrays;
import java.util.Optional;

/**
 * How a request ends. A ublk server answers with an errno, but the block layer keeps only a {@code blk_status_t}. Only
 * these errnos arrive at the program as they were sent. Every other becomes {@link #IO} ({@code blk_errors} in {@code
 * block/blk-core.c}). So a fault names a status, never an errno. Filesystems translate further: to a program above ext4
 * most of these are EIO, while a program that opened the block device itself sees the errno given here.
 */
public enum BlockStatus {
    /** The request succeeded. */
    OK(0, "OK"),
    /** The general error: {@code BLK_STS_IOERR}. */
    IO(5, "EIO"),
    /** A medium error, the sector cannot be read: {@code BLK_STS_MEDIUM}. */
    MEDIUM(61, "ENODATA"),
    /** No space behind a thin volume: {@code BLK_STS_NOSPC}. */
    NOSPC(28, "ENOSPC"),
    /** {@code BLK_STS_TIMEOUT}. */
    TIMEOUT(110, "ETIMEDOUT"),
    /** The data's guard tag does not match: {@code BLK_STS_PROTECTION}. */
    PROTECTION(84, "EILSEQ"),
    /** The cable or the fabric failed: {@code BLK_STS_TRANSPORT}. */
    TRANSPORT(67, "ENOLINK"),
    /** The device itself failed for good: {@code BLK_STS_TARGET}. */
    TARGET(121, "EREMOTEIO"),
    /** The device is not there any more: {@code BLK_STS_OFFLINE}. */
    OFFLINE(19, "ENODEV"),
    /** The operation is not supported: {@code BLK_STS_NOTSUPP}. */
    NOTSUPP(95, "EOPNOTSUPP");

    private final int errno;
    private final String errnoName;

    BlockStatus(int errno, String errnoName) {
        this.errno = errno;
        this.errnoName = errnoName;
    }

    /** Returns the errno to commit, positive; 0 for {@link #OK}. */
    public int errno() {
        return errno;
    }

    /** Returns the errno as {@code errno.h} names it, which a program that reads the block device sees. */
    public String errnoName() {
        return errnoName;
    }

    /** Returns the status of that name, as the fault language writes it; empty for an unknown name. */
    public static Optional<BlockStatus> named(String name) {
        return Arrays.stream(values()).filter(s -> s.name().equals(name)).findFirst();
    }
}
