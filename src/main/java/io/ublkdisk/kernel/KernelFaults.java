package io.ublkdisk.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Kernels whose ublk driver is known to be broken: the list {@code faulty-kernels} beside this class, which {@code vm/kernel.sh}
 * reads too. A kernel that hangs when a device is made is refused, because only a reboot helps afterwards.
 */
public final class KernelFaults {
    /** The environment variable that allows a refused kernel all the same. */
    public static final String OVERRIDE = "UBLKDISK_ALLOW_FAULTY_KERNEL";

    /** The system property that does the same. */
    public static final String OVERRIDE_PROPERTY = "ublkdisk.allowFaultyKernel";

    private static final String LIST = "faulty-kernels";

    private record Fault(boolean refuses, String what) {}

    private KernelFaults() {}

    /** Returns why this machine's kernel is refused, with the ways out; empty if it is not, or if the override is set. */
    public static Optional<String> refusalHere() {
        return overridden() ? Optional.empty() : refusal(release());
    }

    /** Returns what is known to be wrong with this machine's kernel, refused or not; empty for nothing. */
    public static Optional<String> here() {
        return of(release());
    }

    /** Returns whether the user allows a refused kernel, by {@link #OVERRIDE} or {@link #OVERRIDE_PROPERTY}. */
    public static boolean overridden() {
        return "true".equals(System.getenv(OVERRIDE)) || "true".equals(System.getProperty(OVERRIDE_PROPERTY));
    }

    /**
     * Returns why that kernel is refused, with the ways out; empty if it is not.
     *
     * @param release as {@code uname -r} prints it
     */
    static Optional<String> refusal(String release) {
        return fault(release)
                .filter(Fault::refuses)
                .map(fault -> words(release, fault)
                        + ". Use another kernel, or the VM (vm/run COMMAND, vm/java); " + OVERRIDE
                        + "=true in the environment uses this kernel all the same");
    }

    /** Returns what is known to be wrong with that kernel; empty for nothing. */
    static Optional<String> of(String release) {
        return fault(release).map(fault -> words(release, fault));
    }

    private static String words(String release, Fault fault) {
        return "Linux " + release + " has a faulty ublk driver: " + fault.what;
    }

    private static String release() {
        return System.getProperty("os.version");
    }

    private static Optional<Fault> fault(String release) {
        for (String line : lines()) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                String[] words = line.split(" +", 3);
                if (release.matches(words[1])) {
                    return Optional.of(new Fault(words[0].equals("refuse"), words[2]));
                }
            }
        }
        return Optional.empty();
    }

    private static List<String> lines() {
        try (BufferedReader list = new BufferedReader(
                new InputStreamReader(KernelFaults.class.getResourceAsStream(LIST), StandardCharsets.UTF_8))) {
            return list.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + LIST, e);
        }
    }
}
