package io.ublkdisk.server.session;

import io.ublkdisk.kernel.KernelFaults;
import io.ublkdisk.ublk.DeviceInfo;
import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkException;
import io.ublkdisk.ublk.UblkFeature;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the kernel's ublk driver can. */
public final class Features {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private Features() {}

    /** By their names in {@code ublk_cmd.h} without {@code UBLK_F_}, in the order of their bits. */
    public static List<String> names() throws UblkException {
        try (UblkControl control = UblkControl.open(LIMIT)) {
            return control.features().stream().map(UblkFeature::name).toList();
        }
    }

    /** Returns what is known to be wrong with this kernel's driver; empty for nothing. */
    public static Optional<String> kernelFault() {
        return KernelFaults.here();
    }

    /** User and group that made that device without being root; empty for all other devices. */
    public static Optional<String> owner(int id) throws UblkException {
        try (UblkControl control = UblkControl.open(LIMIT)) {
            DeviceInfo info = control.info(id);
            return info.features().contains(UblkFeature.UNPRIVILEGED_DEV)
                    ? Optional.of(info.ownerUid() + " " + info.ownerGid())
                    : Optional.empty();
        }
    }
}
