package io.ublkdisk.server.session;

import io.ublkdisk.cache.PowerCut;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.protocol.PowerCommand;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.Report;
import io.ublkdisk.protocol.UnflushedChange;
import io.ublkdisk.script.Script;
import io.ublkdisk.server.Disks;
import io.ublkdisk.server.ScriptRunner;
import io.ublkdisk.server.ServedDisk;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Takes the power of disks, and gives it back. */
final class PowerHandler implements PowerCommand.Handler {
    /** A cut can take many thousands of changes; these are enough to name the files that they were of. */
    private static final int MOST_LOST_TOLD = 1_000;

    private final Disks disks;
    private final ClientSession session;

    PowerHandler(Disks disks, ClientSession session) {
        this.disks = disks;
        this.session = session;
    }

    /** Returns what survives, by the words of the fault language. */
    static SurvivalPolicy survivors(String keep, long seed) {
        return ScriptRunner.survivalPolicy(Script.parseKeep(keep), seed);
    }

    @Override
    public Report.Changes listUnflushed(PowerCommand.ListUnflushed command) throws IOException {
        return new Report.Changes(disks.named(command.disk()).unflushed());
    }

    @Override
    public Report.Cut powerCut(PowerCommand.PowerCut command) throws IOException {
        return cut(disks.named(command.disk()), survivors(command.keep(), command.seed()));
    }

    @Override
    public Report.Cycle powerCycle(PowerCommand.PowerCycle command) throws IOException {
        ServedDisk disk = disks.named(command.disk());
        Report.Cut cut = cut(disk, survivors(command.keep(), command.seed()));
        Wait.out(() -> {
            TimeUnit.NANOSECONDS.sleep(command.off().toNanos());
            return 0;
        });
        Optional<String> problem = Optional.empty();
        try {
            disk.powerOnMounted(session.clientPid());
        } catch (IOException e) {
            if (!disk.isPowered()) {
                throw e;
            }
            problem = Optional.of(e.getMessage());
        }
        return new Report.Cycle(cut, disk.info().fields(), problem);
    }

    @Override
    public Reply.Disk powerOn(PowerCommand.PowerOn command) throws IOException {
        ServedDisk disk = disks.named(command.disk());
        if (command.remounting()) {
            disk.powerOnMounted(session.clientPid());
        } else {
            disk.powerOn();
        }
        return new Reply.Disk(disk.info().fields());
    }

    @Override
    public Reply.Disk replug(PowerCommand.Replug command) throws IOException {
        ServedDisk disk = disks.named(command.disk());
        disk.replug();
        return new Reply.Disk(disk.info().fields());
    }

    private static Report.Cut cut(ServedDisk disk, SurvivalPolicy survivors) throws IOException {
        PowerCut cut = disk.powerCut(survivors);
        List<UnflushedChange> changes = Stream.concat(cut.lost().stream(), cut.torn().stream())
                .limit(MOST_LOST_TOLD)
                .map(ServedDisk::wire)
                .toList();
        return new Report.Cut(cut.toString(), changes);
    }
}
