package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.protocol.UnflushedChange;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "unflushed",
        mixinStandardHelpOptions = true,
        description = "What a power cut now could take: the changes that are acknowledged and not durable.")
public final class UnflushedCommand extends DiskCommand {
    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        List<UnflushedChange> changes = disk.unflushed();
        if (json) {
            out.println(Json.array(changes.stream().map(UnflushedChange::fields).toList(), "operation"));
        } else if (!changes.isEmpty()) {
            out.printf("%10s  %-12s %12s %10s%n", "SEQUENCE", "OPERATION", "SECTOR", "SECTORS");
            changes.forEach(c -> out.printf(
                    "%10d  %-12s %12d %10d%n",
                    c.sequence(),
                    c.operation().word(),
                    c.sectors().first(),
                    c.sectors().count()));
        }
    }
}
