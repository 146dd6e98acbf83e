package io.ublkdisk.junit;

import java.util.Locale;
import org.junit.platform.commons.JUnitException;

/** No disk can be made on this machine; the message names the probe that failed and the ways out. */
public final class DiskUnavailableException extends JUnitException {
    private static final long serialVersionUID = 1;

    DiskUnavailableException(String message) {
        super(message);
    }

    /** The whole message for that problem: what is missing, three ways out, and how to skip instead. */
    static String message(String problem) {
        return String.format(
                Locale.ROOT,
                "No ublk disk can be made on this machine: %s.%n"
                        + "Three ways out:%n"
                        + "  1. load the module:   modprobe ublk_drv   (Linux 6.0 or newer; Debian and Ubuntu ship it)%n"
                        + "  2. be root:           disks and mounts need CAP_SYS_ADMIN%n"
                        + "  3. run the tests in ublkdisk's VM, whose kernel has ublk:   mvn -Djvm=%s verify%n"
                        + "To skip such tests instead of failing them, set the configuration parameter %s=%s.",
                problem,
                "…/vm/java/bin/java",
                UnavailablePolicy.PARAMETER,
                UnavailablePolicy.SKIP);
    }
}
