package io.ublkdisk.cli.kublk;

import io.ublkdisk.block.Integrity;
import io.ublkdisk.block.IntegrityBackend;
import io.ublkdisk.block.Request;
import java.nio.ByteBuffer;

/** The null target of which the block layer thinks that it keeps something beside each block. */
record NothingWithIntegrity(long sizeBytes, Integrity integrity) implements IntegrityBackend {
    @Override
    public void submit(Request request) {
        request.complete();
    }

    @Override
    public void writeMetadata(Request request, ByteBuffer metadata) {}

    @Override
    public void readMetadata(Request request, ByteBuffer metadata) {
        for (int i = 0; i < metadata.limit(); i++) {
            metadata.put(i, (byte) -1);
        }
    }
}
