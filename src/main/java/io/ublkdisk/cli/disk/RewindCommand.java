package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "rewind",
        mixinStandardHelpOptions = true,
        description = "Give a disk the bytes back that a snapshot has kept; it must not be mounted.")
public final class RewindCommand extends DiskCommand {
    @Parameters(index = "1", paramLabel = "NAME", description = "Of the snapshot.")
    private String name;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        disk.rewind(name);
    }
}
