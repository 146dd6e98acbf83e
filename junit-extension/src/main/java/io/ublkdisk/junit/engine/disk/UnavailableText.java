package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.Readiness;
import java.util.Locale;

/** Says that no disk can be made on this machine, and the ways out. */
final class UnavailableText {
    private static final String IN_THE_VM =
            "run the tests in ublkdisk's VM, whose kernel has ublk:   mvn" + " -Djvm=…/vm/java/bin/java verify%n";

    private static final String WAYS_OUT = "Three ways out:%n"
            + "  1. load the module:   modprobe ublk_drv   (Linux 6.0 or newer; Debian and Ubuntu ship it)%n"
            + "  2. be root:           disks and mounts need CAP_SYS_ADMIN%n"
            + "  3. " + IN_THE_VM;

    /** Neither the module nor root helps there; the problem itself names the override. */
    private static final String WAY_OUT_OF_A_REFUSED_KERNEL = "The way out: " + IN_THE_VM;

    private UnavailableText() {}

    /** Returns the line for every time after the first. @param place where the whole message was told */
    static String again(String problem, String place) {
        return "No ublk disk can be made on this machine: " + problem + ". The ways out were told first for " + place
                + ".";
    }

    /** Returns the whole message for that problem: what is missing, the ways out, and how to skip instead. */
    static String message(String problem) {
        return String.format(
                Locale.ROOT,
                "No ublk disk can be made on this machine: %s.%n"
                        + (Readiness.isKernelRefused() ? WAY_OUT_OF_A_REFUSED_KERNEL : WAYS_OUT)
                        + "To skip such tests instead of failing them, set the configuration parameter %s=%s.",
                problem,
                UnavailablePolicy.PARAMETER,
                UnavailablePolicy.SKIP);
    }
}
