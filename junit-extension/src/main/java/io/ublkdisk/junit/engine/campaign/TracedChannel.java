package io.ublkdisk.junit.engine.campaign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A file channel that notes who writes and forces, and otherwise is the one behind it. What is mapped is not noted. */
final class TracedChannel extends FileChannel {
    private final FileChannel file;
    private final Path path;
    private final CrashTrace trace;

    TracedChannel(FileChannel file, Path path, CrashTrace trace) {
        this.file = file;
        this.path = path;
        this.trace = trace;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int length = file.write(from);
        trace.write(path, file.position() - length, length);
        return length;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int count) throws IOException {
        long length = file.write(from, offset, count);
        trace.write(path, file.position() - length, length);
        return length;
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
        int length = file.write(from, position);
        trace.write(path, position, length);
        return length;
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) throws IOException {
        long length = file.transferFrom(source, position, count);
        trace.write(path, position, length);
        return length;
    }

    /** Noted when it is done: what was written meanwhile may or may not be durable. */
    @Override
    public void force(boolean metadata) throws IOException {
        file.force(metadata);
        trace.force(path);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return file.read(into);
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int count) throws IOException {
        return file.read(into, offset, count);
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        return file.read(into, position);
    }

    @Override
    public long position() throws IOException {
        return file.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
        file.position(position);
        return this;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        file.truncate(size);
        return this;
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        return file.transferTo(position, count, target);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
        return file.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
        return file.lock(position, size, shared);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.close();
    }
}
