package io.ublkdisk.cli.kublk;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.ublk.DataMode;
import io.ublkdisk.ublk.UblkDevice;
import io.ublkdisk.ublk.UblkDeviceBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a device is to be, as {@code add} and {@code recover} take it. */
final class DeviceOptions {
    @Mixin
    Target target;

    @Option(
            names = {"-n", "--number"},
            paramLabel = "N",
            description = "The number of the device; -1, the default, for any.")
    int id = -1;

    @Option(
            names = {"-q", "--queues"},
            paramLabel = "Q",
            description = "Hardware queues; 2.")
    private int queues = 2;

    @Option(
            names = {"-d", "--depth"},
            paramLabel = "D",
            description = "Requests in flight for each queue; 128.")
    private int depth = 128;

    @Option(names = "--foreground", description = "Serve in this process, and return when the device has been stopped.")
    boolean foreground;

    @Option(names = "--quiet", description = "Accepted; there is nothing to silence.")
    private boolean quiet;

    @Option(names = "--debug_mask", paramLabel = "MASK", description = "Accepted; there is nothing to debug.")
    private String debugMask;

    @Option(
            names = {"-r", "--recovery"},
            paramLabel = "0|1",
            description = "The device outlives its server, and another may take it over.")
    private int recovery;

    @Option(
            names = {"-i", "--recovery_reissue"},
            paramLabel = "0|1",
            description = "As -r 1; the new server gets the requests that the old one had.")
    private int recoveryReissue;

    @Option(
            names = {"-e", "--recovery_fail_io"},
            paramLabel = "0|1",
            description = "As -r 1; without a server all requests fail at once.")
    private int recoveryFailIo;

    @Option(names = "-g", description = "Data of writes is fetched in a second step (NEED_GET_DATA).")
    private boolean needGetData;

    @Option(
            names = {"-u", "--user_copy"},
            description = "Data is read and written through the character device.")
    private boolean userCopy;

    @Option(
            names = {"-z", "--zero_copy"},
            description = "Data does not pass through the server.")
    private boolean zeroCopy;

    @Option(names = "--auto_zc", description = "As -z; the driver registers the buffers.")
    private boolean autoZeroCopy;

    @Option(names = "--auto_zc_fallback", description = "With -z --auto_zc: what cannot be registered is done by hand.")
    private boolean autoZeroCopyFallback;

    @Option(
            names = {"-b", "--batch"},
            description = "Commands for many requests at a time.")
    private boolean batch;

    @Option(names = "--rotate_auto_buf", description = "With -b --auto_zc: another buffer index each time.")
    private boolean rotateAutoBuffers;

    @Option(names = "--nthreads", paramLabel = "T", description = "Threads; as many as queues.")
    private int threads;

    @Option(names = "--per_io_tasks", description = "The tags of all queues are dealt out to the threads.")
    private boolean perIoTasks;

    @Option(names = "--no_ublk_fixed_fd", description = "Accepted.")
    private boolean noFixedFd;

    @Option(names = "--no_auto_part_scan", description = "The kernel does not look for partitions.")
    private boolean noPartitionScan;

    @Option(names = "--io_desc_size", paramLabel = "BYTES", description = "Of a request descriptor; 24.")
    private int descriptorBytes;

    @Option(names = "--shmem_zc", description = "Without copies where clients share memory with the server.")
    private boolean sharedMemory;

    @Option(names = "--htlb", paramLabel = "FILE", description = "The memory that is shared.")
    private String sharedFile;

    @Option(names = "--rdonly_shmem_buf", description = "It is only read.")
    private boolean sharedReadOnly;

    UblkDeviceBuilder builder(Backend backend, KublkDaemon daemon) throws IOException {
        refuseWhatIsNotServed();
        UblkDeviceBuilder builder = UblkDevice.builder(backend)
                .listener(target.dieDuringFetch != 0 ? new DyingListener() : daemon)
                .id(id)
                .queues(queues)
                .queueDepth(depth)
                .dataMode(dataMode())
                .batch(batch)
                .threadsPerQueue(threadsPerQueue())
                .autoPartScan(!noPartitionScan)
                .recovery(recovery())
                .volatileCache(target.keepsBytes())
                .discard(target.keepsBytes())
                .writeZeroes(target.keepsBytes());
        if (descriptorBytes != 0) {
            builder.ioDescSize(descriptorBytes);
        }
        if (dataMode() == DataMode.ZERO_COPY || dataMode() == DataMode.AUTO_BUF_REG) {
            target.limitSegments(builder);
        }
        return builder.autoBufRegFails(autoZeroCopyFallback).autoBufRegRotates(rotateAutoBuffers);
    }

    private DataMode dataMode() {
        if (needGetData && userCopy) {
            throw new IllegalArgumentException("-g and -u: one way for the data is enough");
        }
        if (autoZeroCopy || zeroCopy) {
            return autoZeroCopy ? DataMode.AUTO_BUF_REG : DataMode.ZERO_COPY;
        }
        return needGetData ? DataMode.NEED_GET_DATA : userCopy ? DataMode.USER_COPY : DataMode.COPY;
    }

    private Recovery recovery() {
        if (recoveryReissue != 0 && recoveryFailIo != 0) {
            throw new IllegalArgumentException("-i 1 and -e 1: one of them is enough");
        }
        return recoveryReissue != 0
                ? Recovery.REISSUE
                : recoveryFailIo != 0 ? Recovery.FAIL_IO : recovery != 0 ? Recovery.USER_RECOVERY : Recovery.NONE;
    }

    /** kublk deals all tags out to all threads; our threads belong to one queue each, so each queue has that many. */
    private int threadsPerQueue() {
        if (target.dieDuringFetch != 0) {
            return 2;
        }
        if (perIoTasks) {
            return Math.max(1, Math.min(threads, depth));
        }
        return batch ? Math.max(1, (threads + queues - 1) / queues) : 1;
    }

    private void refuseWhatIsNotServed() throws IOException {
        List<String> not = new ArrayList<>();
        addIf(autoZeroCopyFallback && !autoZeroCopy, "--auto_zc_fallback without --auto_zc", not);
        addIf(sharedMemory || sharedFile != null || sharedReadOnly, "shared memory (--shmem_zc)", not);
        if (!not.isEmpty()) {
            throw new IOException("not served yet: " + String.join(", ", not));
        }
    }

    private static void addIf(boolean asked, String what, List<String> not) {
        if (asked) {
            not.add(what);
        }
    }
}
