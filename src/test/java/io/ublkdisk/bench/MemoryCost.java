package io.ublkdisk.bench;

import io.ublkdisk.control.DiskInfo;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * What a server takes of the machine's memory and threads: for a disk, a queue, what is written, a snapshot, what is not flushed
 * yet ({@code vm/bench memory}). Resident memory is the kernel's count of the process; used memory and the
 * buffers of requests the server counts.
 */
final class MemoryCost {
    private static final int DISKS = 16;
    /** Of one disk; the kernel makes no more than there are processors. */
    private static final int QUEUES = 4;

    /** As many requests at a time as a queue takes, each as large as it can be. */
    private static final String LARGE =
            " --rw=read --bs=1m --iodepth=64 --iodepth_batch=64 --ioengine=libaio --direct=1 --size=512m --loops=4";

    private static final int WRITTEN_MIB = 256;
    private static final int UNFLUSHED_MIB = 32;

    private final ServerProcess server;
    private RemoteDisk any;
    private long residentKib;
    private long usedKib;
    private long bufferKib;
    private long threads;

    private MemoryCost(ServerProcess server) {
        this.server = server;
    }

    public static void main(String[] arguments) throws Exception {
        if (Runtime.getRuntime().availableProcessors() < QUEUES) {
            throw new BenchException(
                    "a disk with " + QUEUES + " queues needs as many processors: vm/bench memory --cpus " + QUEUES);
        }
        try (ServerProcess server = ServerProcess.start()) {
            new MemoryCost(server).run();
        }
    }

    private void run() throws Exception {
        any = disk(16, 1);
        write(any, 0, 16);
        // The Java heap takes its memory in the beginning, and keeps it.
        delete(disks());
        delete(disks());
        System.out.printf("%-44s %14s %14s %14s %8s%n", "", "resident KiB", "used KiB", "buffers KiB", "threads");
        look("a server with one small disk", n -> n);
        List<RemoteDisk> disks = disks();
        look("each disk more, nothing written", n -> n / DISKS);
        delete(disks);
        look("all of those gone again", n -> n);
        RemoteDisk one = disk(64, 1);
        look("a disk with one queue", n -> n);
        RemoteDisk four = disk(64, QUEUES);
        look("a disk with " + QUEUES + " queues", n -> n);
        delete(List.of(one, four));
        look("both gone", n -> n);
        RemoteDisk big = disk(2 * WRITTEN_MIB, 1);
        look("a disk to write to", n -> n);
        Shell.run("fio --name=large --filename=" + big.device() + LARGE);
        look("its buffers, all filled at once", n -> n);
        write(big, 0, WRITTEN_MIB);
        look("each MiB written and flushed", n -> n / WRITTEN_MIB);
        big.snapshot("one");
        look("a snapshot of " + WRITTEN_MIB + " MiB", n -> n);
        try (FileChannel channel = direct(big)) {
            put(channel, 0, UNFLUSHED_MIB);
            look("each MiB written over and not flushed", n -> n / UNFLUSHED_MIB);
            channel.force(false);
            look("flushed; the snapshot has the old", n -> n);
        }
        big.delete();
        look("gone", n -> n);
        System.out.println("reserved of the system, in KiB: " + any.stats().memoryReservedBytes() / 1024);
    }

    private List<RemoteDisk> disks() throws Exception {
        List<RemoteDisk> disks = new ArrayList<>();
        for (int i = 0; i < DISKS; i++) {
            disks.add(disk(64, 1));
        }
        return disks;
    }

    private static void delete(List<RemoteDisk> disks) throws Exception {
        for (RemoteDisk disk : disks) {
            disk.delete();
        }
    }

    private RemoteDisk disk(int mib, int queues) throws Exception {
        return server.connection()
                .create(DiskSpec.builder()
                        .size(mib + "MiB")
                        .queues(queues)
                        .journalRequests(0)
                        .build());
    }

    private static FileChannel direct(RemoteDisk disk) throws Exception {
        return FileChannel.open(disk.device(), StandardOpenOption.WRITE, com.sun.nio.file.ExtendedOpenOption.DIRECT);
    }

    private static void write(RemoteDisk disk, int fromMib, int mib) throws Exception {
        try (FileChannel channel = direct(disk)) {
            put(channel, fromMib, mib);
            channel.force(false);
        }
    }

    private static void put(FileChannel channel, int fromMib, int mib) throws Exception {
        ByteBuffer data = ByteBuffer.allocateDirect(2 << 20).alignedSlice(4096).limit(1 << 20);
        for (int i = 0; i < data.limit(); i += 8) {
            data.putLong(i, i + 1);
        }
        for (int i = 0; i < mib; i++) {
            channel.write(data.position(0), (long) (fromMib + i) << 20);
        }
    }

    /** What has come since we looked last. */
    private void look(String what, LongUnaryOperator share) throws Exception {
        long resident = status("VmRSS:");
        long nowThreads = status("Threads:");
        long used = any.stats().memoryUsedBytes() / 1024;
        long buffers = 0;
        for (DiskInfo disk : server.connection().disks()) {
            buffers += server.connection().disk(disk).stats().memoryBufferBytes() / 1024;
        }
        System.out.printf(
                "%-44s %,14d %,14d %,14d %8d%n",
                what,
                share.applyAsLong(resident - residentKib),
                share.applyAsLong(used - usedKib),
                share.applyAsLong(buffers - bufferKib),
                share.applyAsLong(nowThreads - threads));
        residentKib = resident;
        usedKib = used;
        bufferKib = buffers;
        threads = nowThreads;
    }

    private long status(String key) throws Exception {
        return Files.readAllLines(Path.of("/proc/" + server.pid() + "/status")).stream()
                .filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }
}
