package io.ublkdisk.block;

/**
 * What a queue does with files for a request, between the file and the memory of the program that sent the request: no byte
 * of it enters this process. Each operation begins now and ends later. The request may be completed at once; it ends when
 * its last operation has ended, with an error if an operation failed.
 *
 * <p>On the queue's thread only, from {@link ZeroCopyBackend#submit} or a stage of its request ({@link Request#runAt}), before the
 * request is completed. Files are given by their descriptors, which must stay open until the request has ended.
 */
public interface FileIo {

    /** Part of a READ: so many bytes of the file from {@code fileOffset} on become the request's from {@code dataOffset} on. */
    void read(Request request, int fd, long fileOffset, int dataOffset, int length);

    /**
     * Part of a WRITE, the other way round.
     *
     * @param durable whether they are on the medium when this ends ({@code RWF_DSYNC})
     */
    void write(Request request, int fd, long fileOffset, int dataOffset, int length, boolean durable);

    /** Puts what has been written to the file on the medium: {@code fdatasync}. */
    void sync(Request request, int fd);

    /** Makes the range read as zeroes and take no space: {@code fallocate} with {@code FALLOC_FL_PUNCH_HOLE}. */
    void punchHole(Request request, int fd, long fileOffset, long length);

    /** Makes the range read as zeroes and keep its space: {@code fallocate} with {@code FALLOC_FL_ZERO_RANGE}. */
    void zeroRange(Request request, int fd, long fileOffset, long length);
}
