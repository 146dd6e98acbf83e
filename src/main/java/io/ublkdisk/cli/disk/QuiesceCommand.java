package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

@Command(
        name = "quiesce",
        mixinStandardHelpOptions = true,
        description =
                "End a disk's server and leave the disk: what is mounted stays, its requests wait until another server"
                        + " serves it (ublkdisk recover). Needs --recovery and Linux 6.16.")
public final class QuiesceCommand extends DiskCommand {
    @Override
    protected void run(RemoteDisk found, PrintWriter out) throws IOException {
        found.quiesce();
    }
}
