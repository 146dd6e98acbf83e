package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "snapshot", mixinStandardHelpOptions = true, description = "Keep a disk's bytes under a name, at once.")
public final class SnapshotCommand extends DiskCommand {
    @Parameters(index = "1", paramLabel = "NAME", description = "For rewind.")
    private String name;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        disk.snapshot(name);
    }
}
