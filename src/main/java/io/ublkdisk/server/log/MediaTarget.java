package io.ublkdisk.server.log;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.IoErrorText;
import io.ublkdisk.control.ReplaySource;
import io.ublkdisk.journal.LogPart;
import io.ublkdisk.journal.Replay;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A log is replayed onto the bytes of a disk to be. */
public final class MediaTarget implements Replay.Target {
    private final CowMedia media;

    private MediaTarget(CowMedia media) {
        this.media = media;
    }

    /** Returns the bytes that such a disk begins with: what its log makes of zeroes. The caller's, to close. */
    public static CowMedia replayed(DiskSpec spec, PagePool pool) throws IOException {
        Path file = spec.replay().orElseThrow();
        CowMedia media = new CowMedia(pool, spec.sizeBytes().orElseThrow());
        try (ReplaySource source = ReplaySource.open(file)) {
            LogPart part = spec.replayTo().map(LogPart::to).orElse(LogPart.ALL);
            new Replay(source.log(), new MediaTarget(media), true).run(part, entry -> {});
            return media;
        } catch (IOException e) {
            media.close();
            throw new DiskException("a disk cannot begin with " + file + ": " + IoErrorText.of(e), e);
        } catch (RuntimeException e) {
            media.close();
            throw e;
        }
    }

    @Override
    public long sizeBytes() {
        return media.sizeBytes();
    }

    @Override
    public void write(long offsetBytes, ByteBuffer data) {
        int count = (int) Sectors.ofBytes(data.remaining());
        media.write(Sectors.ofBytes(offsetBytes), count, data, data.position());
    }

    @Override
    public void zero(long offsetBytes, long lengthBytes) {
        media.zero(Sectors.ofBytes(offsetBytes), Sectors.ofBytes(lengthBytes));
    }

    @Override
    public String toString() {
        return "the disk";
    }
}
