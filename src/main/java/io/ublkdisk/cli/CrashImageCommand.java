package io.ublkdisk.cli;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "crash-image",
        mixinStandardHelpOptions = true,
        description =
                "Make a second disk that is what a power cut now would leave; prints its device. The first goes on.")
final class CrashImageCommand extends DiskCommand {
    @Option(
            names = "--keep",
            paramLabel = "WHAT",
            description = "What survives: none (default), all, 'random P', 'first N', 'only N..N'; 'all torn'.")
    private String keep = "none";

    @Option(names = "--seed", paramLabel = "S", description = "What that chance comes from; 0.")
    private long seed;

    @Override
    void run(RemoteDisk disk, PrintWriter out) throws IOException {
        out.println(disk.crashImage(keep, seed).device());
    }
}
