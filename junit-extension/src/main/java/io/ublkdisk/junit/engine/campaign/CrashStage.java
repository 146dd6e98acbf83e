package io.ublkdisk.junit.engine.campaign;

import io.ublkdisk.junit.CrashedDisk;
import io.ublkdisk.junit.engine.disk.ServedCrashStates;
import io.ublkdisk.junit.engine.files.FileUsers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where crash states are shown and checked, one after the other, on a disk that is kept for that. A check that leaves files open
 * gets its disk replaced, so that the next state does not know of it. Not thread safe.
 */
final class CrashStage implements CrashedDisk, AutoCloseable {
    /** A user's check, on the disk as it is shown now. */
    public interface Checker {
        void check() throws Throwable;
    }

    private final ServedCrashStates states;
    private final boolean fsck;
    /** Null before the first. */
    private CrashedDisk shown;
    /** Whether something is still open on the disk, which cannot be used again. */
    private boolean spoiled;

    private boolean askedForPlace;
    private boolean askedForPromises;

    CrashStage(ServedCrashStates states, boolean fsck) {
        this.states = states;
        this.fsck = fsck;
    }

    /** What a check has left open. */
    static final class LeftOpenError extends AssertionError {
        private static final long serialVersionUID = 1;

        LeftOpenError(String state, List<String> open) {
            super("left open by the check of crash state " + state + ":\n    " + String.join("\n    ", open)
                    + "\n  Close them in the check, also when it fails. The next state is shown on another disk.");
        }
    }

    /** Shows that state and has it checked. Returns what is wrong; empty if it is well. */
    Optional<Throwable> attempt(String id, Checker checker) {
        Optional<Throwable> wrong = checked(id, checker);
        Optional<Throwable> left = leftOpen(id);
        if (wrong.isPresent()) {
            left.filter(open -> open != wrong.get()).ifPresent(wrong.get()::addSuppressed);
            return wrong;
        }
        return left.isPresent() || !fsck ? left : fsck(id);
    }

    private Optional<Throwable> checked(String id, Checker checker) {
        try {
            show(id);
            checker.check();
            return Optional.empty();
        } catch (Throwable wrong) {
            return Optional.of(wrong);
        }
    }

    private void show(String id) throws IOException {
        askedForPlace = false;
        askedForPromises = false;
        if (spoiled) {
            shown = null;
            states.replace();
            spoiled = false;
        }
        try {
            shown = states.show(id);
        } catch (IOException cannot) {
            if (holders().isEmpty()) {
                throw cannot;
            }
            shown = null;
            states.replace();
            shown = states.show(id);
        }
    }

    /** Returns what other processes hold of the state that was shown before. */
    private List<String> holders() {
        return shown == null ? List.of() : FileUsers.under(place());
    }

    private Optional<Throwable> leftOpen(String id) {
        if (shown == null) {
            return Optional.empty();
        }
        List<String> open = new ArrayList<>(FileUsers.ofThisProcess(shown.device()));
        if (states.isMounted()) {
            open.addAll(FileUsers.ofThisProcessUnder(shown.mountPoint()));
        }
        spoiled |= !open.isEmpty();
        return open.isEmpty() ? Optional.empty() : Optional.of(new LeftOpenError(id, open));
    }

    private Optional<Throwable> fsck(String id) {
        try {
            return states.fsck()
                    .map(said -> new AssertionError("fsck finds the filesystem damaged:\n"
                            + said.indent(4).stripTrailing()));
        } catch (IOException cannot) {
            spoiled = true;
            List<String> open = holders();
            return Optional.of(open.isEmpty() ? cannot : new LeftOpenError(id, open));
        }
    }

    private Path place() {
        return states.isMounted() ? shown.mountPoint() : shown.device();
    }

    /** Returns how many reads the disk has served. */
    long reads() throws IOException {
        return states.reads();
    }

    /** Returns whether the last check has asked where the disk is. */
    boolean wasAskedForPlace() {
        return askedForPlace;
    }

    /** Returns whether the last check has asked what was promised. */
    boolean wasAskedForPromises() {
        return askedForPromises;
    }

    private CrashedDisk shownNow() {
        if (shown == null) {
            throw new IllegalStateException(
                    "no crash state is shown now: the disk is there while the check runs, not in"
                            + " @BeforeEach, in @AfterEach or during the run");
        }
        return shown;
    }

    @Override
    public Path device() {
        askedForPlace = true;
        return shownNow().device();
    }

    @Override
    public Path mountPoint() {
        askedForPlace = true;
        return shownNow().mountPoint();
    }

    @Override
    public String state() {
        return shownNow().state();
    }

    @Override
    public List<String> marks() {
        askedForPromises = true;
        return shownNow().marks();
    }

    @Override
    public void close() throws IOException {
        states.end();
    }
}
