package io.ublkdisk.ublk;

import io.ublkdisk.block.Recovery;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What a ublk driver may be able to do: {@code UBLK_F_*} of {@code linux/ublk_cmd.h}, in the order of their bits. */
public enum UblkFeature {
    SUPPORT_ZERO_COPY("6.15"),
    URING_CMD_COMP_IN_TASK("6.0"),
    NEED_GET_DATA("6.0"),
    USER_RECOVERY("6.1"),
    USER_RECOVERY_REISSUE("6.1"),
    UNPRIVILEGED_DEV("6.3"),
    CMD_IOCTL_ENCODE("6.4"),
    USER_COPY("6.5"),
    ZONED("6.6"),
    USER_RECOVERY_FAIL_IO("6.13"),
    UPDATE_SIZE("6.16"),
    AUTO_BUF_REG("6.16"),
    QUIESCE("6.16"),
    PER_IO_DAEMON("6.16"),
    BUF_REG_OFF_DAEMON("6.17"),
    BATCH_IO("7.0"),
    INTEGRITY("7.0"),
    SAFE_STOP_DEV("7.0"),
    NO_AUTO_PART_SCAN("7.0"),
    SHMEM_ZC("7.1"),
    IO_DESC_SIZE("7.3");

    private final String since;

    UblkFeature(String since) {
        this.since = since;
    }

    /** Returns those among these {@code UBLK_F_*} bits that we know. */
    static Set<UblkFeature> of(long bits) {
        EnumSet<UblkFeature> features = EnumSet.allOf(UblkFeature.class);
        features.removeIf(feature -> (bits & feature.bit()) == 0);
        return Collections.unmodifiableSet(features);
    }

    /** Returns what a driver must be able to do for that. */
    static Set<UblkFeature> of(Recovery recovery) {
        return switch (recovery) {
            case NONE -> EnumSet.noneOf(UblkFeature.class);
            case USER_RECOVERY -> EnumSet.of(USER_RECOVERY);
            case REISSUE -> EnumSet.of(USER_RECOVERY, USER_RECOVERY_REISSUE);
            case FAIL_IO -> EnumSet.of(USER_RECOVERY, USER_RECOVERY_FAIL_IO);
        };
    }

    static long bits(Set<UblkFeature> features) {
        return features.stream().mapToLong(UblkFeature::bit).reduce(0, (a, b) -> a | b);
    }

    public long bit() {
        return 1L << ordinal();
    }

    /** Returns the first kernel that has it, as far as we know. */
    public String since() {
        return since;
    }
}
