package io.ublkdisk.ublk;

import java.util.Set;

/**
 * How the bytes of READ and WRITE get between the kernel and the server. To the backend all modes but zero copy are alike.
 * The data of a WRITE is there when it sees the request. What it puts there for a READ is taken when it completes the
 * request.
 */
public enum DataMode {
    /** The driver copies, into and out of a buffer per tag, of which it knows the address. Every kernel that has ublk. */
    COPY,

    /**
     * As {@link #COPY}, but the driver says first that a WRITE has come, and copies its data when it is asked for them: one
     * more command for each WRITE.
     */
    NEED_GET_DATA(UblkFeature.NEED_GET_DATA),

    /** The server copies, by {@code pread} and {@code pwrite} on {@code /dev/ublkcN}: one more system call for each request. */
    USER_COPY(UblkFeature.USER_COPY),

    /**
     * Nothing is copied: the memory of the request is lent to the queue's ring, for reads and writes of files. Only for a
     * {@link io.ublkdisk.block.ZeroCopyBackend}. Two more commands for each request.
     */
    ZERO_COPY(UblkFeature.SUPPORT_ZERO_COPY),

    /** As {@link #ZERO_COPY}, but the driver lends and takes back by itself. */
    AUTO_BUF_REG(UblkFeature.SUPPORT_ZERO_COPY, UblkFeature.AUTO_BUF_REG);

    private final Set<UblkFeature> features;

    DataMode(UblkFeature... features) {
        this.features = Set.of(features);
    }

    boolean isZeroCopy() {
        return features.contains(UblkFeature.SUPPORT_ZERO_COPY);
    }

    /** Returns what the driver must have for it. */
    public Set<UblkFeature> features() {
        return features;
    }
}
