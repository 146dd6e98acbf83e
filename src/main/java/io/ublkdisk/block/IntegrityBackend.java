package io.ublkdisk.block;

import java.nio.ByteBuffer;

/**
 * A disk that keeps metadata beside the bytes of each logical block. The block layer puts a checksum there (T10 protection
 * information), and checks it when the block is read ({@code UBLK_F_INTEGRITY}, Linux 7.0). Where they do not match, the
 * program's read fails with EILSEQ. Its device needs the data mode USER_COPY.
 *
 * <p>The methods here are called on the queue's thread, several at a time if there are several queues, and must not block.
 */
public interface IntegrityBackend extends Backend {

    /** Returns what is kept beside each logical block. A constant. */
    default Integrity integrity() {
        return Integrity.T10DIF;
    }

    /**
     * Takes the metadata of a WRITE that has ended well.
     *
     * @param metadata {@link Integrity#metadataBytes} for each logical block, from 0 on, by absolute access
     */
    void writeMetadata(Request request, ByteBuffer metadata);

    /** Puts the metadata of a READ that has ended well into the buffer. Blocks never written have 0xff in all bytes: not checked. */
    void readMetadata(Request request, ByteBuffer metadata);
}
