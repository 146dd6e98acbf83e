package io.ublkdisk.ublk;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.IntegrityBackend;
import io.ublkdisk.block.Operation;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.UblkCommands;
import io.ublkdisk.kernel.UblkIoDesc;
import java.nio.ByteBuffer;

/**
 * {@code UBLK_F_INTEGRITY}: beside its data a request has metadata, at a place of its own in {@code /dev/ublkcN}. They come
 * in with the data of a WRITE, and the backend gets them when the WRITE has ended well. They go out behind the data of a
 * READ.
 */
final class IntegrityPath extends UserCopyPath {
    private final int blockBytes;
    private final int metadataBytes;
    private final TagBuffers metadata;
    private final ByteBuffer[] views;
    private IntegrityBackend backend;

    /**
     * @param blockBytes of each logical block
     * @param metadataBytes beside each
     */
    IntegrityPath(TagShare share, int charFd, TagBuffers buffers, int maxIoBytes, int blockBytes, int metadataBytes)
            throws ErrnoException {
        super(share, charFd, buffers);
        this.blockBytes = blockBytes;
        this.metadataBytes = metadataBytes;
        this.metadata = new TagBuffers(share.count(), maxIoBytes / blockBytes * metadataBytes);
        this.views = new ByteBuffer[share.count()];
        for (int slot = 0; slot < views.length; slot++) {
            views[slot] = metadata.buffer(slot);
        }
    }

    @Override
    Backend wrap(Backend backend) {
        this.backend = (IntegrityBackend) backend;
        return backend;
    }

    @Override
    BlockStatus copyIn(QueueRequest request) {
        BlockStatus status = super.copyIn(request);
        return status == BlockStatus.OK && has(request, Operation.WRITE) ? move(request, true) : status;
    }

    @Override
    boolean copyOut(QueueRequest request) {
        super.copyOut(request);
        if (request.status == BlockStatus.OK && has(request, Operation.WRITE)) {
            backend.writeMetadata(request, views[request.slot]);
        } else if (request.status == BlockStatus.OK && has(request, Operation.READ)) {
            backend.readMetadata(request, views[request.slot]);
            request.status = move(request, false);
        }
        return true;
    }

    private static boolean has(QueueRequest request, Operation operation) {
        return request.operation() == operation && (request.flags() & UblkIoDesc.UBLK_IO_F_INTEGRITY) != 0;
    }

    private BlockStatus move(QueueRequest request, boolean in) {
        long length = request.lengthBytes() / blockBytes * metadataBytes;
        long offset = place(request.tag()) | UblkCommands.UBLKSRV_IO_INTEGRITY_FLAG;
        return transfer(metadata.address(request.slot), offset, length, in);
    }

    @Override
    long residentBytes() {
        return super.residentBytes() + metadata.residentBytes();
    }

    @Override
    void release(boolean atOnce) {
        super.release(atOnce);
        metadata.release(true);
    }
}
