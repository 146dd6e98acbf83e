package io.ublkdisk.block;

/**
 * A backend that never looks at the bytes: they are in files, and it only says where. Under a device whose data mode is a zero-copy
 * one this {@code submit} is called, and {@link Request#data()} is empty; under any other the plain one.
 */
public interface ZeroCopyBackend extends Backend {

    /**
     * Serve one request, with the threads, the duties and the errors of {@link #submit(Request)}.
     *
     * @param files the queue's
     */
    void submit(Request request, FileIo files) throws Exception;
}
