package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.junit.engine.files.FileUsers;
import io.ublkdisk.protocol.StepReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The end of a disk: was every rule of use, is nothing held open, and is all of it gone afterwards? Everything is done
 * whatever of it fails, and all that was wrong comes as one error, the rest suppressed in it.
 */
public final class DiskCleanup {
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final int UMOUNT_LIMIT_SECONDS = 10;

    private final DiskHandle disk;
    private final List<Throwable> problems = new ArrayList<>();

    private DiskCleanup(DiskHandle disk) {
        this.disk = disk;
    }

    /**
     * Takes the disk away.
     *
     * @param judgeRules whether a rule that never fired is an error; after a test that failed before its time there is no
     *     report
     * @param later whether its device may go when this has returned, if no process uses it
     * @return what was wrong
     */
    public static Optional<Throwable> take(DiskHandle disk, boolean judgeRules, boolean later) {
        DiskCleanup farewell = new DiskCleanup(disk);
        farewell.attempt(disk.server()::recoverIfDead);
        disk.forks().forEach(fork -> farewell.attempt(fork::close));
        farewell.judge(judgeRules);
        farewell.blameListeners();
        farewell.attempt(disk.observations()::settle);
        farewell.attempt(disk::endDaemons);
        farewell.remove(later);
        farewell.attempt(disk.server()::close);
        return together(farewell.problems);
    }

    /** Returns the first with the others suppressed in it. */
    public static Optional<Throwable> together(List<Throwable> problems) {
        problems.stream().skip(1).forEach(problem -> problems.get(0).addSuppressed(problem));
        return problems.stream().findFirst();
    }

    /** Throws them {@link #together}, as an error, for of those Jupiter does not hide the message in another. */
    public static void raise(List<Throwable> problems) {
        Throwable problem = together(problems).orElse(null);
        if (problem instanceof Error error) {
            throw error;
        }
        if (problem != null) {
            String message = problem.getMessage();
            throw new AssertionError(message == null ? problem.toString() : message, problem);
        }
    }

    private void judge(boolean judgeRules) {
        if (judgeRules) {
            attempt(() -> disk.faults().unused().forEach(this::blame));
            attempt(() -> disk.faults().undone().forEach(this::blame));
            attempt(disk.faults()::warnOfIdleRules);
        }
    }

    /** Fails the test with what a listener threw, an assertion for instance; without this, it would end the listener only. */
    private void blameListeners() {
        for (Throwable thrown : disk.faults().takeListenerProblems()) {
            problems.add(new AssertionError(
                    "a listener of onFault of " + disk + " threw, and heard no more: " + thrown, thrown));
        }
    }

    private void blame(RuleReport rule) {
        problems.add(new AssertionError("rule '" + rule.name() + "' of " + disk + " was armed and never fired: it "
                + disk.faults().describe(rule)
                + "\n  A fault that does not happen proves nothing. Make it happen, or say that it need not:"
                + " lenient = true, or faults().lenient(\"" + rule.name() + "\")."));
    }

    private void blame(StepReport step) {
        String what = step.rule().isEmpty() ? "\"" + step.text() + "\"" : "rule '" + step.rule() + "'";
        String excuse = step.rule().isEmpty() ? "" : ", or faults().lenient(\"" + step.rule() + "\")";
        problems.add(new AssertionError(what + " of the script of " + disk + " did not happen: "
                + (step.state().equals(StepReport.WAITING) ? "its moment never came" : step.state()) + "\n  "
                + step.text()
                + "\n  A fault that does not happen proves nothing. Make it happen (a mark is set by mark(\"text\")), or"
                + " say that it need not: lenient = true" + excuse + "."));
    }

    private void remove(boolean mayBeLater) {
        Path device = disk.device();
        List<String> deviceHolders = FileUsers.ofDevice(device);
        boolean later = mayBeLater && disk.isMounted() && deviceHolders.isEmpty();
        attempt(() -> {
            List<String> held = new ArrayList<>(
                    later ? disk.remote().retire() : disk.remote().delete());
            // The server may have found the same processes, in words of its own.
            held.removeIf(line -> deviceHolders.stream().anyMatch(known -> sameProcess(known, line)));
            held.addAll(deviceHolders);
            if (!held.isEmpty()) {
                problems.add(new AssertionError("files on " + disk + " were still open at the end of the test:\n  "
                        + String.join("\n  ", held) + "\n  The disk was taken away from under them. Close them in the"
                        + " test."));
            }
        });
        if (problems.stream().anyMatch(ServerDiedException.class::isInstance)) {
            attempt(this::removeAfterDeath);
        }
        attempt(disk::forgetHistory);
        attempt(() -> leftover(later));
    }

    /** Returns whether both lines begin with the same {@code process 4711 (}. */
    private static boolean sameProcess(String one, String other) {
        int end = one.indexOf('(');
        return end > 0 && other.startsWith(one.substring(0, end)) && other.contains("/dev/");
    }

    /**
     * Unmounts the disk of a dead server. Its block device goes by itself; the next server sweeps the rest of the device.
     */
    private void removeAfterDeath() throws IOException {
        Path folder = disk.firstMountPoint();
        if (folder != null && isMounted(folder)) {
            Process umount = new ProcessBuilder("umount", "--lazy", folder.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                umount.waitFor(UMOUNT_LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Files.deleteIfExists(folder);
        }
        ServerProcess.shared();
    }

    private static boolean isMounted(Path folder) throws IOException {
        try (Stream<String> mounts = Files.lines(MOUNTS)) {
            return mounts.anyMatch(line -> line.split(" ")[4].equals(folder.toString()));
        }
    }

    /**
     * Returns what is left of the disk, by looking at the machine, although the server has said that nothing is.
     *
     * @param later whether the device may go while the next test begins
     */
    private void leftover(boolean later) throws IOException {
        if (!later && disk.isThere()) {
            problems.add(
                    new AssertionError(disk + " is still there after its deletion; ublkdisk list shows who has it"));
        }
        Path folder = disk.firstMountPoint();
        boolean anothers = Files.exists(disk.device()) && !disk.isThere();
        if (folder != null && !anothers && isMounted(folder)) {
            problems.add(new AssertionError(disk + " is still mounted; take it off: umount " + folder));
        }
    }

    private void attempt(Step step) {
        try {
            step.run();
        } catch (UncheckedIOException e) {
            add(e.getCause());
        } catch (IOException | RuntimeException | Error e) {
            add(e);
        }
    }

    /** Adds a problem; the death of the server is added once, however many steps meet it. */
    private void add(Throwable problem) {
        boolean told = problem instanceof ServerDiedException
                && problems.stream().anyMatch(ServerDiedException.class::isInstance);
        if (!told) {
            problems.add(problem);
        }
    }

    private interface Step {
        void run() throws IOException;
    }
}
