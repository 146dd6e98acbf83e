package io.ublkdisk.control;

import io.ublkdisk.kernel.KernelFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * What a machine must have before it can give a test a disk. The probes are asked in the order in which one would mend
 * them, and the first that fails is the answer: Linux, a kernel that is not known to hang, a kernel that has ublk, the module
 * loaded, the rights, io_uring.
 * They only look; nothing is loaded or changed.
 */
public final class Readiness {
    private static final int CAP_SYS_ADMIN = 21;

    private final Path root;
    private final String osName;

    /** Looks at the machine whose file system begins at {@code root}; tests give one of their own making. */
    Readiness(Path root, String osName) {
        this.root = root;
        this.osName = osName;
    }

    /** Returns the readiness of this machine. */
    public static Readiness here() {
        return new Readiness(Path.of("/"), System.getProperty("os.name"));
    }

    /** Returns why no disk can be made here, in one clause that names the probe; empty when one can. */
    public Optional<String> problem() {
        if (!osName.equals("Linux")) {
            return Optional.of("this is " + osName + ", and ublk is a part of Linux");
        }
        Optional<String> refusal = KernelFaults.refusalHere();
        if (refusal.isPresent()) {
            return refusal;
        }
        String release = text("proc/sys/kernel/osrelease").orElse("of unknown release");
        if (!Files.exists(root.resolve("dev/ublk-control"))) {
            return Optional.of("/dev/ublk-control does not exist: " + whyNoControlDevice(release));
        }
        if (!mayAdminister()) {
            return Optional.of("this process is not root: it runs as uid " + status("Uid") + " without CAP_SYS_ADMIN");
        }
        if (text("proc/sys/kernel/io_uring_disabled").orElse("0").equals("2")) {
            return Optional.of("io_uring is switched off: /proc/sys/kernel/io_uring_disabled is 2"
                    + " (sysctl kernel.io_uring_disabled=1 allows it to root)");
        }
        return opens("dev/ublk-control");
    }

    private String whyNoControlDevice(String release) {
        if (Files.exists(root.resolve("sys/module/ublk_drv"))) {
            return "the module ublk_drv is loaded in kernel " + release + ", but this /dev does not show its devices"
                    + " (a container? give it the host's /dev)";
        }
        if (!atLeastLinux6(release)) {
            return "kernel " + release + " is too old, ublk came with Linux 6.0";
        }
        boolean shipped = text("lib/modules/" + release + "/modules.dep")
                .map(modules -> modules.contains("/ublk_drv.ko"))
                .orElse(false);
        return shipped
                ? "the module ublk_drv of kernel " + release + " is not loaded"
                : "kernel " + release + " has no module ublk_drv under /lib/modules/" + release;
    }

    private static boolean atLeastLinux6(String release) {
        int dot = release.indexOf('.');
        try {
            return dot < 0 || Integer.parseInt(release.substring(0, dot)) >= 6;
        } catch (NumberFormatException unknown) {
            return true;
        }
    }

    private boolean mayAdminister() {
        String effective = status("CapEff");
        try {
            return (Long.parseUnsignedLong(effective, 16) >> CAP_SYS_ADMIN & 1) == 1;
        } catch (NumberFormatException noSuchLine) {
            return false;
        }
    }

    /** Returns the first word of that line of {@code /proc/self/status}. */
    private String status(String key) {
        return text("proc/self/status")
                .orElse("")
                .lines()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).trim().split("\\s+")[0])
                .findFirst()
                .orElse("unknown");
    }

    private Optional<String> opens(String device) {
        try (FileChannel opened =
                FileChannel.open(root.resolve(device), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return opened.isOpen() ? Optional.empty() : Optional.of("/" + device + " cannot be opened");
        } catch (IOException refused) {
            return Optional.of("/" + device + " cannot be opened: "
                    + refused.getMessage()
                    + " (a container's device rules? allow it the ublk control and block devices)");
        }
    }

    private Optional<String> text(String file) {
        Path path = root.resolve(file);
        try {
            return Files.isReadable(path) ? Optional.of(Files.readString(path).trim()) : Optional.empty();
        } catch (IOException vanished) {
            return Optional.empty();
        } catch (UncheckedIOException unreadable) {
            return Optional.empty();
        }
    }

    /** Returns whether the kernel is what is wrong, so that neither its module nor root would help. */
    public static boolean isKernelRefused() {
        return KernelFaults.refusalHere().isPresent();
    }

    private static String remedy() {
        return isKernelRefused()
                ? "."
                : ". Load the module (modprobe ublk_drv), be root, or run it in the VM: vm/run COMMAND";
    }

    /** @throws DiskException with the {@link #problem()}, if there is one, and the ways out */
    public static void check() throws DiskException {
        Optional<String> problem = here().problem();
        if (problem.isPresent()) {
            throw new DiskException("no disk can be made on this machine: " + problem.get() + remedy());
        }
    }
}
