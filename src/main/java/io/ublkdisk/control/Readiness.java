package io.ublkdisk.control;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether this machine can have such disks, looked at from outside: nothing is opened, loaded or started. */
public final class Readiness {
    private static final Path CONTROL = Path.of("/dev/ublk-control");
    private static final Pattern RELEASE = Pattern.compile("([0-9]+)\\.([0-9]+).*");

    private Readiness() {}

    /** What is missing, and every way out; empty when nothing is. */
    public static Optional<String> problem() {
        String os = System.getProperty("os.name");
        String release = System.getProperty("os.version");
        if (!os.equals("Linux")) {
            return Optional.of(os + " has no ublk; run it on Linux, or in a VM that has it");
        }
        Matcher version = RELEASE.matcher(release);
        if (version.matches() && Integer.parseInt(version.group(1)) < 6) {
            return Optional.of(
                    "kernel " + release + " is too old for ublk, which needs 6.0 or newer (6.12 is what we test);"
                            + " run it in the VM: vm/run CMD");
        }
        if (!Files.exists(CONTROL)) {
            return Optional.of(
                    CONTROL + " is not there: the kernel (" + release + ") has not loaded ublk. Either load it:"
                            + " modprobe ublk_drv; or, where the kernel was built without it, run in the VM: vm/run CMD");
        }
        if (!Files.isReadable(CONTROL) || !Files.isWritable(CONTROL)) {
            return Optional.of(CONTROL + " may not be opened by " + System.getProperty("user.name")
                    + ": a block device needs root. Either run as root (sudo), or in the VM: vm/run CMD");
        }
        return Optional.empty();
    }

    /** @throws DiskException with the {@link #problem()} */
    public static void check() throws DiskException {
        Optional<String> problem = problem();
        if (problem.isPresent()) {
            throw new DiskException("no disk on this machine: " + problem.get());
        }
    }
}
