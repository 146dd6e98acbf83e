package io.ublkdisk.junit;

import io.ublkdisk.control.RemoteRecording;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.crash.Shrink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The states of a recorded run, shown one after the other on a disk that is kept for that, and checked there. Not thread safe:
 * there is one disk.
 */
final class CrashLab implements AutoCloseable, CrashedDisk {
    /** The user's check, on the disk as it is shown now. */
    interface Checker {
        void check() throws Throwable;
    }

    private final RecordedRun run;
    private final RemoteRecording recording;
    private final FileMap files;
    private final CrashTest settings;
    private final RemoteRecording.Summary summary;
    private final ServedCrashStates states;
    /** Null before the first. */
    private CrashedDisk shown;
    /** The first that failed, which was shrunk. */
    private String firstFailed;

    /** The run is over; its disk is unmounted here. */
    CrashLab(ServedDisk disk, RecordedRun run, CrashTest settings) throws IOException {
        this.run = run;
        this.settings = settings;
        this.recording = run.recording();
        this.summary = recording.stop();
        this.files = FileMap.of(disk.mountPoint());
        disk.unmount();
        this.states = disk.crashStates(recording, new Sample(settings.perEpoch(), settings.tears(), settings.seed()));
    }

    List<String> states() {
        return states.names();
    }

    /** Shows a state and has it checked; throws what is wrong with it, with all that is known. */
    void test(String id, Checker first, Checker again) throws Throwable {
        Optional<Throwable> failure = attempt(id, first);
        if (failure.isEmpty()) {
            return;
        }
        Throwable wrong = failure.get();
        if (firstFailed != null) {
            throw new AssertionError(
                    "crash state " + id + " fails: " + wrong.getMessage() + "\n  Not made small, because " + firstFailed
                            + " of the same run failed before, and was.",
                    wrong);
        }
        firstFailed = id;
        Epoch epoch = recording.epoch(epochOf(id));
        List<Throwable> last = new ArrayList<>(List.of(wrong));
        int[] tries = {0};
        CrashState least = Shrink.of(
                epoch,
                epoch.parse(id),
                smaller -> {
                    tries[0]++;
                    Optional<Throwable> found = attempt(smaller.id(), again);
                    found.ifPresent(last::add);
                    return found.isPresent();
                },
                settings.shrinkTries());
        CrashReport report = new CrashReport(epoch, epoch.parse(id), least, run.trace(), files);
        throw new AssertionError(
                report.text(wrong, tries[0], recording.marks(least.id())) + "\n  recorded: " + summary, wrong);
    }

    private static int epochOf(String id) {
        return Integer.parseInt(id.substring(1, id.indexOf(':')));
    }

    /** What is wrong with that state; empty if it is well. */
    private Optional<Throwable> attempt(String id, Checker checker) {
        try {
            shown = states.show(id);
            checker.check();
            return settings.fsck() ? fsck() : Optional.empty();
        } catch (Throwable wrong) {
            return Optional.of(wrong);
        }
    }

    private Optional<Throwable> fsck() throws IOException {
        return states.fsck()
                .map(said -> new AssertionError(
                        "fsck finds the filesystem damaged:\n" + said.indent(4).stripTrailing()));
    }

    @Override
    public Path device() {
        return shown.device();
    }

    @Override
    public Path mountPoint() {
        return shown.mountPoint();
    }

    @Override
    public String state() {
        return shown.state();
    }

    @Override
    public List<String> marks() {
        return shown.marks();
    }

    @Override
    public void close() {
        states.close();
    }
}
