package io.ublkdisk.server;

import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkException;
import io.ublkdisk.ublk.UblkFeature;
import java.time.Duration;
import java.util.List;

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
}
