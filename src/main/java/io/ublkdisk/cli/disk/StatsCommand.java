package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.protocol.KeyValues;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "stats", mixinStandardHelpOptions = true, description = "What a disk has done since it was made.")
public final class StatsCommand extends DiskCommand {
    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        KeyValues stats = disk.stats().fields();
        if (json) {
            out.println(Json.object(stats));
        } else {
            stats.map().forEach((key, value) -> out.printf("%-16s %14s%n", key, value));
        }
    }
}
