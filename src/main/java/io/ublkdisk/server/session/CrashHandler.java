package io.ublkdisk.server.session;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.IoErrorText;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.disk.Recording;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.protocol.CrashCommand;
import io.ublkdisk.protocol.LogSummary;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.Report;
import io.ublkdisk.server.ActiveRecording;
import io.ublkdisk.server.Disks;
import io.ublkdisk.server.ServedDisk;
import io.ublkdisk.server.log.RecordingLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Records disks, and makes disks of what a crash would leave. */
final class CrashHandler implements CrashCommand.Handler {
    private final Disks disks;
    private final ClientSession session;

    CrashHandler(Disks disks, ClientSession session) {
        this.disks = disks;
        this.session = session;
    }

    private ActiveRecording recorded(String disk) throws DiskException {
        return disks.named(disk).recorded();
    }

    @Override
    public Reply.Done startRecording(CrashCommand.StartRecording command) throws IOException {
        recorded(command.disk()).begin();
        return new Reply.Done();
    }

    @Override
    public Report.Recording stopRecording(CrashCommand.StopRecording command) throws IOException {
        Recording recording = recorded(command.disk()).stopped();
        return new Report.Recording(
                recording.epochCount(),
                recording.changeCount(),
                recording.changesBefore(),
                recording.dataBytes(),
                recording.endedBy());
    }

    @Override
    public Report.Log logRecording(CrashCommand.LogRecording command) throws IOException {
        ServedDisk disk = disks.named(command.disk());
        Recording recording = disk.recorded().stopped();
        Path path = command.file();
        Path here = session.pathOfClient(path);
        disk.files().checkOther("the log of the recording", path, here);
        try (RecordingLog log = new RecordingLog(here)) {
            log.write(recording);
            return new Report.Log(new LogSummary(path, log.entries(), log.bytes(), recording.endedBy()));
        } catch (IOException e) {
            throw new DiskException(
                    "the recording of " + disk + " cannot be written to " + path + ": " + IoErrorText.ofWriting(e), e);
        }
    }

    @Override
    public Report.States sampleStates(CrashCommand.SampleStates command) throws IOException {
        List<Report.State> states = recorded(command.disk())
                .stopped()
                .sampled(command.sample())
                .map(state -> new Report.State(state.state().id(), state.equalsStart()))
                .toList();
        return new Report.States(states);
    }

    @Override
    public Report.FlushEpoch readEpoch(CrashCommand.ReadEpoch command) throws IOException {
        Epoch epoch = recorded(command.disk()).stopped().epoch(command.epoch());
        return new Report.FlushEpoch(epoch.startPoint(), epoch.blockSectors(), epoch.changes());
    }

    @Override
    public Reply.Texts listMarks(CrashCommand.ListMarks command) throws IOException {
        ActiveRecording recorded = recorded(command.disk());
        CrashState state = recorded.state(command.state());
        return new Reply.Texts(recorded.recording().marks(state));
    }

    @Override
    public Reply.Disk makeState(CrashCommand.MakeState command) throws IOException {
        ServedDisk disk = disks.named(command.disk());
        CrashState state = disk.recorded().state(command.state());
        try (Snapshot image = disk.recorded().recording().image(state)) {
            return made(disk, image, command.name(), command.owned());
        }
    }

    @Override
    public Reply.Disk makeImage(CrashCommand.MakeImage command) throws IOException {
        ServedDisk disk = disks.named(command.disk());
        try (Snapshot image = disk.crashImage(PowerHandler.survivors(command.keep(), command.seed()))) {
            return made(disk, image, command.name(), command.owned());
        }
    }

    private Reply.Disk made(ServedDisk origin, Snapshot image, Optional<String> name, boolean owned)
            throws IOException {
        ServedDisk made = disks.createLike(origin, image, name);
        if (owned) {
            session.own(made);
        }
        return new Reply.Disk(made.info().fields());
    }

    @Override
    public Reply.MountedAt showState(CrashCommand.ShowState command) throws IOException {
        ServedDisk disk = disks.named(command.disk());
        ServedDisk on = disks.named(command.on());
        CrashState state = disk.recorded().state(command.state());
        try (Snapshot image = disk.recorded().recording().image(state)) {
            return shown(on, image, command.mount(), command.options());
        }
    }

    @Override
    public Reply.MountedAt showImage(CrashCommand.ShowImage command) throws IOException {
        ServedDisk disk = disks.named(command.disk());
        ServedDisk on = disks.named(command.on());
        try (Snapshot image = disk.crashImage(PowerHandler.survivors(command.keep(), command.seed()))) {
            return shown(on, image, command.mount(), command.options());
        }
    }

    private Reply.MountedAt shown(ServedDisk on, Snapshot image, boolean mounting, String options) throws IOException {
        Optional<String> with = mounting ? Optional.of(options) : Optional.empty();
        return new Reply.MountedAt(on.contents().show(image, with, session.clientPid(), disks.mountFolder()));
    }
}
