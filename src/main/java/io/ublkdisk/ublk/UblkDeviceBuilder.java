package io.ublkdisk.ublk;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.IntegrityBackend;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.ZonedBackend;
import io.ublkdisk.kernel.UblkIoDesc;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * How a device shall be. The defaults are those of a plain SSD with a volatile cache: one queue of 128 requests, I/O up to 1
 * MiB, logical blocks of 512 bytes on physical ones of 4096, flush, FUA, discard and write-zeroes. From {@link
 * UblkDevice#builder}.
 *
 * <p>The setters take anything; {@link #create} checks all of it, and throws {@link IllegalArgumentException} with the value,
 * the setter's name and what is possible.
 */
public final class UblkDeviceBuilder {

    final Backend backend;
    int id = -1;
    int queues = 1;
    int queueDepth = 128;
    int maxIoBytes = 1 << 20;
    int logicalBlockSize = Sectors.BYTES;
    int physicalBlockSize;
    boolean readOnly;
    boolean rotational;
    boolean volatileCache = true;
    boolean fua = true;
    boolean discard = true;
    boolean writeZeroes = true;
    DataMode dataMode = DataMode.COPY;
    int ioDescSize = UblkIoDesc.BYTES;
    private boolean autoPartScan = true;
    int dmaAlignment;
    DeviceParams.Segments segments;
    private final Set<UblkFeature> required = EnumSet.noneOf(UblkFeature.class);
    boolean autoBufRegFails;
    boolean autoBufRegRotates;
    boolean batch;
    int threadsPerQueue = 1;
    Recovery recovery = Recovery.NONE;
    boolean unprivileged;
    boolean pinQueues;
    Duration controlTimeout = Duration.ofSeconds(30);
    Duration drainTimeout = Duration.ofSeconds(10);
    DeviceListener listener = DeviceListener.NONE;

    UblkDeviceBuilder(Backend backend) {
        this.backend = backend;
    }

    /** Sets the N of {@code /dev/ublkbN}; -1, the default, for the first that is free. */
    public UblkDeviceBuilder id(int id) {
        this.id = id;
        return this;
    }

    /** Sets how many hardware queues there are, each with a thread of its own: 1 to 4096. The kernel makes no more than it has processors. */
    public UblkDeviceBuilder queues(int queues) {
        this.queues = queues;
        return this;
    }

    /** Sets how many requests each queue has in flight at most: 1 to 4096. */
    public UblkDeviceBuilder queueDepth(int queueDepth) {
        this.queueDepth = queueDepth;
        return this;
    }

    /**
     * Sets the largest READ or WRITE, longer ones are split: 4 KiB to 32 MiB in steps of 4 KiB. Each tag has a buffer of
     * that size.
     */
    public UblkDeviceBuilder maxIoBytes(int maxIoBytes) {
        this.maxIoBytes = maxIoBytes;
        return this;
    }

    /** Sets the unit in which the disk is addressed: 512, 1024, 2048 or 4096 bytes. */
    public UblkDeviceBuilder logicalBlockSize(int bytes) {
        this.logicalBlockSize = bytes;
        return this;
    }

    /**
     * Sets the unit that is written at once, as a hint to filesystems: a power of two from the logical block size to 1 MiB.
     */
    public UblkDeviceBuilder physicalBlockSize(int bytes) {
        this.physicalBlockSize = bytes;
        return this;
    }

    /** Sets whether the kernel refuses writes; it does not by default. */
    public UblkDeviceBuilder readOnly(boolean readOnly) {
        this.readOnly = readOnly;
        return this;
    }

    /** Sets whether the kernel shall treat it as a hard disk. */
    public UblkDeviceBuilder rotational(boolean rotational) {
        this.rotational = rotational;
        return this;
    }

    /** Sets whether the disk has a cache that loses data: only then does the kernel send FLUSH. */
    public UblkDeviceBuilder volatileCache(boolean volatileCache) {
        this.volatileCache = volatileCache;
        return this;
    }

    /**
     * Sets whether single writes can be made durable; otherwise the kernel sends a FLUSH behind them. Needs the volatile
     * cache.
     */
    public UblkDeviceBuilder fua(boolean fua) {
        this.fua = fua;
        return this;
    }

    /** Sets whether the kernel may send DISCARD; it may by default. */
    public UblkDeviceBuilder discard(boolean discard) {
        this.discard = discard;
        return this;
    }

    /** Sets whether the kernel may send WRITE_ZEROES; it may by default. */
    public UblkDeviceBuilder writeZeroes(boolean writeZeroes) {
        this.writeZeroes = writeZeroes;
        return this;
    }

    /**
     * Sets how the bytes get between the kernel and this server; {@link DataMode#COPY} is the default. {@link #create}
     * refuses a mode that the kernel does not have.
     */
    public UblkDeviceBuilder dataMode(DataMode dataMode) {
        this.dataMode = dataMode;
        return this;
    }

    /**
     * Makes the driver fail to lend every request's memory, so that this server does it instead. With {@link
     * DataMode#AUTO_BUF_REG}; to test what happens seldom.
     */
    public UblkDeviceBuilder autoBufRegFails(boolean fails) {
        this.autoBufRegFails = fails;
        return this;
    }

    /**
     * Lends each request's memory under another number than that of the request before it. With {@link
     * DataMode#AUTO_BUF_REG} and {@link #batch}; to test the driver.
     */
    public UblkDeviceBuilder autoBufRegRotates(boolean rotates) {
        this.autoBufRegRotates = rotates;
        return this;
    }

    /**
     * Sets whether one command takes the results of all requests that end together, and one answer brings all that come,
     * instead of a command for each tag. Linux 7.0; not with {@link DataMode#NEED_GET_DATA}.
     */
    public UblkDeviceBuilder batch(boolean batch) {
        this.batch = batch;
        return this;
    }

    /**
     * Sets how many threads serve each queue, 1 to 64; 1 is the default. With more, {@code Backend.submit} is called for one
     * queue on several threads at a time: each serves its part of the tags (Linux 6.16), or with {@link #batch} whatever comes
     * to it.
     */
    public UblkDeviceBuilder threadsPerQueue(int threads) {
        this.threadsPerQueue = threads;
        return this;
    }

    /**
     * Sets the bytes of each request's descriptor: 24 (the default) to 256, in steps of 8. What is behind the 24 is not used yet.
     * Linux 7.3.
     */
    public UblkDeviceBuilder ioDescSize(int bytes) {
        this.ioDescSize = bytes;
        return this;
    }

    /** Sets whether the kernel looks for partitions when the device starts; it does by default. {@code false} needs Linux 7.0. */
    public UblkDeviceBuilder autoPartScan(boolean autoPartScan) {
        this.autoPartScan = autoPartScan;
        return this;
    }

    /**
     * Sets what the address and length of each piece of a request's memory are multiples of: 1 to 4096 bytes. Linux 6.15.
     */
    public UblkDeviceBuilder dmaAlignment(int bytes) {
        this.dmaAlignment = bytes;
        return this;
    }

    /**
     * Sets how the memory of a request may be cut. Linux 6.15.
     *
     * @param count at most so many pieces, 1 to 65535
     * @param bytes each at most that long, from 4096 on
     * @param boundaryBytes none crosses a multiple of that: a power of two from 4096 on
     */
    public UblkDeviceBuilder segments(int count, int bytes, long boundaryBytes) {
        this.segments = new DeviceParams.Segments(count, bytes, boundaryBytes);
        return this;
    }

    /** Asks the driver for that feature too; {@link #create} refuses if it does not agree. */
    public UblkDeviceBuilder require(UblkFeature feature) {
        required.add(feature);
        return this;
    }

    /**
     * Sets whether it is the device of a user who is not root: only that user can open it. Needs the udev rule of {@code
     * src/main/udev}, which makes that user the owner of its nodes; has no recovery and no partitions. Beware: a request that is not
     * answered within 30 s makes the kernel kill the server with SIGKILL. Linux 6.3.
     */
    public UblkDeviceBuilder unprivileged(boolean unprivileged) {
        this.unprivileged = unprivileged;
        return this;
    }

    /** Sets what happens when its server dies: nothing but its end, unless this says otherwise. */
    public UblkDeviceBuilder recovery(Recovery recovery) {
        this.recovery = recovery;
        return this;
    }

    /** Sets whether each queue's thread runs only on the processors whose requests come to it. */
    public UblkDeviceBuilder pinQueues(boolean pinQueues) {
        this.pinQueues = pinQueues;
        return this;
    }

    /** Sets how long each step of create, start, stop and delete may take; 30 s. */
    public UblkDeviceBuilder controlTimeout(Duration limit) {
        this.controlTimeout = limit;
        return this;
    }

    /** Sets how long a stop waits for requests that the backend holds before it fails them with EIO; 10 s. */
    public UblkDeviceBuilder drainTimeout(Duration limit) {
        this.drainTimeout = limit;
        return this;
    }

    /** Sets who is told of errors and of the end; no listener by default. */
    public UblkDeviceBuilder listener(DeviceListener listener) {
        this.listener = listener;
        return this;
    }

    /**
     * Makes the device known to the driver. It is no block device yet: {@link UblkDevice#start} makes it one.
     *
     * @throws IllegalArgumentException for a value that is not possible
     * @throws UblkException if there is no ublk, no root, no free id, no memory
     */
    public UblkDevice create() throws UblkException {
        return DeviceFactory.create(this, new DeviceChecks(this).checked());
    }

    /**
     * Serves a device that is there and has lost its server: the device with that {@link #id}, as its first server has made it.
     * Of this builder only the backend, the limits, the listener and the pinning count. Waits, within the control time limit,
     * until the driver has finished with the last server. The backend has the bytes that the last one had, and its size.
     *
     * @return a device that runs
     * @throws IllegalArgumentException for a value that is not possible, and a backend of another size
     * @throws UblkException if there is no such device, it is served, or it was made without {@link #recovery}
     */
    public UblkDevice recover() throws UblkException {
        new DeviceChecks(this).checkRecovery();
        return DeviceFactory.recover(this);
    }

    /** Returns what the driver must be able to do for a device as it is set here. */
    Set<UblkFeature> features() {
        EnumSet<UblkFeature> features = EnumSet.noneOf(UblkFeature.class);
        features.addAll(dataMode.features());
        features.addAll(required);
        features.addAll(UblkFeature.of(recovery));
        if (unprivileged) {
            features.add(UblkFeature.UNPRIVILEGED_DEV);
        }
        if (backend instanceof IntegrityBackend) {
            features.add(UblkFeature.INTEGRITY);
        }
        if (backend instanceof ZonedBackend) {
            features.add(UblkFeature.ZONED);
        }
        if (batch) {
            features.add(UblkFeature.BATCH_IO);
        } else if (threadsPerQueue > 1) {
            features.add(UblkFeature.PER_IO_DAEMON);
        }
        if (ioDescSize != UblkIoDesc.BYTES) {
            features.add(UblkFeature.IO_DESC_SIZE);
        }
        if (!autoPartScan) {
            features.add(UblkFeature.NO_AUTO_PART_SCAN);
        }
        return features;
    }

    long serverFlags() {
        return (autoBufRegFails ? DeviceInfo.AUTO_BUF_REG_FAILS : 0)
                | (autoBufRegRotates ? DeviceInfo.AUTO_BUF_REG_ROTATES : 0);
    }

    /** Returns what it shall have where the driver can. */
    Set<UblkFeature> welcome() {
        EnumSet<UblkFeature> features = EnumSet.of(UblkFeature.UPDATE_SIZE);
        if (recovery != Recovery.NONE) {
            features.add(UblkFeature.QUIESCE);
        }
        return features;
    }

    DeviceParams params() {
        return new DeviceChecks(this).params();
    }
}
