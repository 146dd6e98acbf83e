package io.ublkdisk.control;

import io.ublkdisk.crash.Epoch;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.protocol.CrashCommand;
import io.ublkdisk.protocol.LogSummary;
import io.ublkdisk.protocol.Report;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The recording of a disk, from {@link RemoteDisk#record}: the server has it, until the disk goes or another one is begun.
 * Asking for its states stops it. Thread safe.
 */
public final class RemoteRecording {
    private final RemoteDisk disk;

    RemoteRecording(RemoteDisk disk) {
        this.disk = disk;
    }

    /**
     * What a recording has.
     *
     * @param epochs from flush to flush; one at least
     * @param changesBefore how many of its changes were made before it began, and were not durable then
     * @param bytes of memory for the data of its changes
     * @param endedBy why it ended before it was stopped; empty if it did not
     */
    public record Summary(int epochs, long changes, long changesBefore, long bytes, String endedBy) {
        /**
         * Itself, if it goes to where it was stopped: of another there are no states of what came later.
         *
         * @param what was recorded, for the message
         * @throws DiskException if it ended before
         */
        public Summary whole(String what) throws DiskException {
            if (!endedBy.isEmpty()) {
                throw new DiskException("the recording of " + what + " ended early, because " + endedBy
                        + "; leave power cuts and resets to the crash states");
            }
            return this;
        }

        @Override
        public String toString() {
            return changes + " changes in " + epochs + " flush epochs, " + ByteSize.print(bytes)
                    + (endedBy.isEmpty() ? "" : "; it ended early, because " + endedBy);
        }
    }

    /** Returns the disk that is recorded. */
    public RemoteDisk disk() {
        return disk;
    }

    /** Records no more. Callable again. */
    public Summary stop() throws DiskException {
        Report.Recording recording = disk.call(new CrashCommand.StopRecording(disk.target()));
        return new Summary(
                recording.epochs(),
                recording.changes(),
                recording.changesBefore(),
                recording.bytes(),
                recording.endedBy());
    }

    /**
     * Writes it to a file, as {@link RemoteDisk#logWrites} would have if it had begun with the recording: in the format of
     * dm-log-writes, with its marks, what was not durable at its end last. Stops it.
     *
     * @param file where the server is to write it, from the root folder; begun anew
     */
    public LogSummary logWrites(Path file) throws DiskException {
        return disk.longCall(new CrashCommand.LogRecording(disk.target(), file)).summary();
    }

    /**
     * A crash state of a sample.
     *
     * @param id its name
     * @param equalsStart whether the disk has the bytes that it had when the recording began
     */
    public record SampledState(String id, boolean equalsStart) {}

    /** Returns the names of its crash states, in the order of the epochs; equal ones are there once. */
    public List<String> states(Sample sample) throws DiskException {
        return sampled(sample).stream().map(SampledState::id).toList();
    }

    /** Returns the same, with what is known of each. */
    public List<SampledState> sampled(Sample sample) throws DiskException {
        return disk.longCall(new CrashCommand.SampleStates(disk.target(), sample)).states().stream()
                .map(state -> new SampledState(state.id(), state.equalsStart()))
                .toList();
    }

    /** Returns a flush epoch, with what it takes to make a failing state of it small. */
    public Epoch epoch(int number) throws DiskException {
        Report.FlushEpoch epoch = disk.call(new CrashCommand.ReadEpoch(disk.target(), number));
        return new Epoch(number, epoch.start(), epoch.changes(), epoch.blockSectors());
    }

    /**
     * Returns the marks that the run had passed when it crashed into that state: what it had been promised by then must be
     * there.
     */
    public List<String> marks(String state) throws DiskException {
        return disk.call(new CrashCommand.ListMarks(disk.target(), state)).values();
    }

    /** Returns a new disk that is what that crash left: formatted as the recorded one, not mounted, without rules. */
    public RemoteDisk disk(String state) throws DiskException {
        return disk.made(new CrashCommand.MakeState(disk.target(), state, Optional.empty(), disk.isOwned()));
    }

    /**
     * Gives a disk the bytes of that state, in place of its own; many times faster than a new disk. Whatever was
     * mounted from it is unmounted first.
     *
     * @param on a disk of the same server and size, made for that; its files and its device must not be open
     * @throws DiskException if it is in use; or if it cannot be mounted, which may be what the state does to its filesystem
     */
    public Optional<Path> show(String state, RemoteDisk on, boolean mounted, String options) throws DiskException {
        return on.shows(disk.longCall(new CrashCommand.ShowState(disk.target(), state, on.handle(), mounted, options)));
    }
}
