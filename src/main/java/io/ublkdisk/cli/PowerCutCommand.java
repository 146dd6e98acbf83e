package io.ublkdisk.cli;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "power-cut",
        mixinStandardHelpOptions = true,
        description = "Take a disk's power; prints what was lost. Every request fails until power-on.")
final class PowerCutCommand extends DiskCommand {
    @Option(
            names = "--keep",
            paramLabel = "WHAT",
            description = "What survives: none (default), all, 'random P', 'first N', 'only N..N'; 'all torn'.")
    private String keep = "none";

    @Option(names = "--seed", paramLabel = "S", description = "What that chance comes from; 0.")
    private long seed;

    @Override
    void run(RemoteDisk disk, PrintWriter out) throws IOException {
        out.println(disk.powerCut(keep, seed));
    }
}
