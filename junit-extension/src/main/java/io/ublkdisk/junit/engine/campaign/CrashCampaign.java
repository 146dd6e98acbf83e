package io.ublkdisk.junit.engine.campaign;

import io.ublkdisk.block.Clock;
import io.ublkdisk.control.RemoteRecording;
import io.ublkdisk.control.RemoteRecording.SampledState;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.junit.CrashRun;
import io.ublkdisk.junit.CrashedDisk;
import io.ublkdisk.junit.WriteBack;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import io.ublkdisk.junit.engine.disk.ServedCrashStates;
import io.ublkdisk.junit.engine.files.FileMap;
import io.ublkdisk.junit.engine.process.TimeLimitedRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.opentest4j.TestAbortedException;

/**
 * A run of a program that is recorded, and the checks of its crash states: verdicts, causes, and one failing state of each cause
 * made small. Not thread safe.
 */
public final class CrashCampaign implements AutoCloseable {
    /** The program. */
    public interface Program {
        void run(CrashRun run) throws Throwable;
    }

    /** Gets the first failing state of each cause. */
    public interface Findings {
        /**
         * Keeps it.
         *
         * @param disk of the run
         * @param about the state that failed, made small
         * @param text what there is to say of it
         * @param failure what the test fails with
         */
        void found(DiskHandle disk, FailedState about, String text, Throwable failure);
    }

    /**
     * A state that failed.
     *
     * @param id its name, or that of the smaller one
     * @param promised the marks passed by then
     */
    public record FailedState(RemoteRecording recording, String id, List<String> promised) {}

    /** The first failing state of a cause. */
    private record Finding(int test, String id, String least) {}

    private final String name;
    private final CampaignSettings settings;
    private final CampaignLog log;
    private final WriteBack writeBack;
    private final CampaignProof proof;
    private final boolean isLast;
    private final CauseShrinker shrinker;
    private final Map<FailureCause, Finding> findings = new HashMap<>();

    private final Handle handle = new Handle();

    private DiskHandle disk;
    private RecordedRun run;
    private RemoteRecording.Summary summary;
    private FileMap files;
    private List<SampledState> states = List.of();
    private CrashStage stage;
    private boolean allPassed = true;
    /** The check of the present test, for smaller states. */
    private CrashStage.Checker checkAgain;

    /**
     * @param name of the check, for messages
     * @param writeBack beside the program
     * @param proof of all runs of the program, which differ in what is written back
     * @param isLast whether there is no such run after this one
     */
    public CrashCampaign(
            String name,
            CampaignSettings settings,
            WriteBack writeBack,
            CampaignProof proof,
            boolean isLast,
            CampaignLog log) {
        this.name = name;
        this.settings = settings;
        this.writeBack = writeBack;
        this.proof = proof;
        this.isLast = isLast;
        this.log = log;
        this.shrinker = new CauseShrinker(settings, id -> attempt(id, checkAgain));
    }

    /**
     * Runs the program on that disk, which is mounted, and records it.
     *
     * @param test the number of this test among those of its method
     * @param program its name
     * @throws Throwable what it throws; an AssertionError if it takes too long, or has changed nothing
     */
    public void record(int test, DiskHandle on, String program, Program code) throws Throwable {
        disk = on;
        long began = Clock.nanos();
        try {
            WriteBackSchedule schedule = WriteBackSchedule.begin(
                    writeBack, on.mountPoint(), settings.sample().seed());
            try (schedule) {
                run = new RecordedRun(on, schedule);
                Duration limit = Duration.ofSeconds(settings.runLimitSeconds());
                TimeLimitedRun.run(program, limit, this::release, () -> code.run(run));
            }
            summary = run.recording().stop();
            proof.recorded(
                    summary.changes() - summary.changesBefore(), run.trace().promises());
            Optional<String> wrong = isLast ? proof.wrongWithRun(program) : Optional.empty();
            if (wrong.isPresent()) {
                throw new AssertionError(wrong.get());
            }
            files = FileMap.of(on.mountPoint());
            on.unmount();
            ServedCrashStates made = on.crashStates(run.recording(), settings.sample());
            stage = new CrashStage(made, settings.fsck());
            states = made.sampled();
            states.forEach(state -> proof.state(state.equalsStart()));
            log.add(
                    test,
                    "recorded",
                    Clock.nanos() - began,
                    program,
                    "",
                    summary + ", " + states.size() + " states, write-back " + writeBack);
        } catch (Throwable failure) {
            allPassed = false;
            log.add(test, "RUN FAILED", Clock.nanos() - began, program, "", String.valueOf(failure.getMessage()));
            throw failure;
        }
    }

    /** Lets go what the disk holds for a rule, so that the program can end. */
    public void release() {
        if (disk != null) {
            disk.faults().clear();
        }
    }

    /** Returns the states that there are to check; none before {@link #record}, or if that failed. */
    public List<SampledState> states() {
        return states;
    }

    /** Returns the disk that a check gets; it is there while a state is checked. */
    public CrashedDisk shown() {
        return handle;
    }

    /** Returns whether nothing has failed. */
    public boolean hasPassed() {
        return allPassed;
    }

    /** What a check has in its hands, from before the run on. */
    private final class Handle implements CrashedDisk {
        private CrashedDisk now() {
            if (stage == null) {
                throw new IllegalStateException(
                        "no crash state is shown during the run; the disk of the run is run.disk()");
            }
            return stage;
        }

        @Override
        public Path device() {
            return now().device();
        }

        @Override
        public Path mountPoint() {
            return now().mountPoint();
        }

        @Override
        public String state() {
            return now().state();
        }

        @Override
        public List<String> marks() {
            return now().marks();
        }
    }

    /**
     * Shows a state and has it checked.
     *
     * @param test the number of this test among those of its method
     * @param called its name
     * @param first the check
     * @param again the same check again, for smaller states
     * @throws Throwable what is wrong with the state, with all that is known of it; or of the whole campaign, with the last
     */
    public void test(
            int test,
            String called,
            SampledState state,
            CrashStage.Checker first,
            CrashStage.Checker again,
            Findings to)
            throws Throwable {
        long began = Clock.nanos();
        checkAgain = again;
        String verdict = "passed";
        Throwable thrown = null;
        try {
            Optional<Throwable> wrong = attempt(state.id(), first);
            if (wrong.isPresent()) {
                allPassed = false;
                verdict = isAborted(wrong.get()) ? "aborted" : "FAILED";
                throw isAborted(wrong.get()) ? wrong.get() : failure(test, state.id(), wrong.get(), to);
            }
            if (isLast && allPassed && state == states.get(states.size() - 1)) {
                judge(again);
            }
        } catch (Throwable failure) {
            allPassed = false;
            verdict = verdict.equals("passed") ? "FAILED" : verdict;
            thrown = failure;
            throw failure;
        } finally {
            log.add(test, verdict, Clock.nanos() - began, called, promised(state.id()), message(thrown));
        }
    }

    private static String message(Throwable thrown) {
        return thrown == null ? "" : String.valueOf(thrown.getMessage());
    }

    private String promised(String id) {
        try {
            return words(run.recording().marks(id));
        } catch (IOException gone) {
            return "unknown";
        }
    }

    private static String words(List<String> marks) {
        return marks.isEmpty() ? "nothing" : String.join(", ", marks);
    }

    /** Returns whether the check has found that it does not apply. */
    private static boolean isAborted(Throwable wrong) {
        return wrong instanceof TestAbortedException;
    }

    private Optional<Throwable> attempt(String id, CrashStage.Checker checker) {
        return stage.attempt(id, () -> {
            long readBefore = proof.hasReadTheDisk() ? 0 : stage.reads();
            try {
                checker.check();
            } finally {
                look(readBefore);
            }
        });
    }

    /** Notes whether the check that has just run has looked at the disk. */
    private void look(long readBefore) {
        if (stage.wasAskedForPromises()) {
            proof.askedForPromises();
        }
        try {
            if (!proof.hasReadTheDisk() && stage.wasAskedForPlace() && stage.reads() > readBefore) {
                proof.readTheDisk();
            }
        } catch (IOException gone) {
            return; // what the check met counts
        }
    }

    /** Judges the whole, when all have passed. A check that the kernel may have answered from memory gets one more chance. */
    private void judge(CrashStage.Checker again) throws Throwable {
        if (!proof.hasReadTheDisk()) {
            stage.attempt(richest(), () -> {
                disk.evictAll();
                long before = stage.reads();
                try {
                    again.check();
                } finally {
                    look(before);
                }
            });
        }
        Optional<String> wrong = proof.wrongWithChecks(name);
        if (wrong.isPresent()) {
            throw new AssertionError(wrong.get());
        }
    }

    /** Returns the state that has the most: the first of the last epoch. */
    private String richest() {
        String last = states.get(states.size() - 1).id();
        String epoch = last.substring(0, last.indexOf(':') + 1);
        return states.stream()
                .map(SampledState::id)
                .filter(id -> id.startsWith(epoch))
                .findFirst()
                .orElse(last);
    }

    private Throwable failure(int test, String id, Throwable wrong, Findings to) throws IOException {
        Epoch epoch = run.recording().epoch(epochOf(id));
        CrashState found = epoch.parse(id);
        FailureCause cause = FailureCause.of(FailureCause.Damage.of(epoch, found), wrong);
        Finding known = findings.get(cause);
        if (known != null) {
            return new AssertionError(of(known, id, "it " + cause.damage() + " and", wrong), wrong);
        }
        CauseShrinker.Shrunk small = wrong instanceof CrashStage.LeftOpenError
                ? new CauseShrinker.Shrunk(found, "not made small: the disk is not what is wrong")
                : shrinker.shrink(epoch, found, cause);
        FailureCause smaller = cause.with(FailureCause.Damage.of(epoch, small.least()));
        Finding same = findings.get(smaller);
        findings.put(cause, same == null ? new Finding(test, id, small.least().id()) : same);
        if (same != null) {
            String why = small.how() + ", so what it loses does not matter; it";
            return new AssertionError(of(same, id, why, wrong), wrong);
        }
        findings.put(smaller, findings.get(cause));
        List<String> promised = run.recording().marks(small.least().id());
        CrashReport report = new CrashReport(epoch, found, small.least(), run.trace(), files);
        String text = report.text(wrong, small.how(), promised) + "\n  recorded: " + summary
                + "\n  write-back during the run: " + schedule();
        AssertionError failure = new AssertionError(text, wrong);
        to.found(disk, new FailedState(run.recording(), small.least().id(), promised), text, failure);
        return failure;
    }

    /** Returns what there is to say of a state whose cause is known. */
    private String of(Finding known, String id, String why, Throwable wrong) throws IOException {
        String small = known.least().equals(known.id()) ? "" : ", made small: " + known.least();
        return "crash state " + id + " fails: " + wrong.getMessage() + "\n  It has the cause of crash state "
                + known.id()
                + ", test [" + known.test() + "], which has the report and the bundle" + small + ": " + why
                + " fails at the same place with the same message.\n  promised: "
                + words(run.recording().marks(id));
    }

    /** Returns what was written back beside the program, and what else could be. */
    private String schedule() {
        return writeBack == WriteBack.NONE
                ? "NONE; with writeBack = {NONE, SEEDED} there is another run, where unforced pieces of files reach the disk"
                : writeBack + " with seed " + settings.sample().seed()
                        + ": what nothing forced may be on the disk, as the kernel may write it at any time";
    }

    private static int epochOf(String id) {
        return Integer.parseInt(id.substring(1, id.indexOf(':')));
    }

    @Override
    public void close() throws IOException {
        if (stage != null) {
            stage.close();
        }
    }
}
