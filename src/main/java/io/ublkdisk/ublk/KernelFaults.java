package io.ublkdisk.ublk;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Kernels whose ublk driver is known to be broken, from the reports of those who met them. */
public final class KernelFaults {
    private static final String ADD_DEV_HANGS =
            "ADD_DEV may never return there (a null pointer since 529d4d632788, mended by 011af85ccd87)";

    private record Fault(Pattern releases, String what) {}

    private static final List<Fault> ALL = List.of(
            fault("6\\.18\\.[45]([^0-9].*)?", ADD_DEV_HANGS),
            fault("6\\.17\\.0-10(15|18)-azure", ADD_DEV_HANGS),
            fault("6\\.17\\..*-aws", ADD_DEV_HANGS),
            fault(
                    "6\\.17\\..*",
                    "START_DEV has failed there with EINVAL and devices have stayed behind after a crash until a reboot"));

    private KernelFaults() {}

    /** What is known of this machine's kernel; empty for nothing. */
    public static Optional<String> here() {
        return of(System.getProperty("os.version"));
    }

    /** @param release as {@code uname -r} prints it */
    static Optional<String> of(String release) {
        return ALL.stream()
                .filter(fault -> fault.releases.matcher(release).matches())
                .findFirst()
                .map(fault -> "Linux " + release + " has a faulty ublk driver: " + fault.what + "; use another kernel");
    }

    private static Fault fault(String releases, String what) {
        return new Fault(Pattern.compile(releases), what);
    }
}
