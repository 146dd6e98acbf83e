package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "mark",
        mixinStandardHelpOptions = true,
        description =
                "Set a mark, for the lines 'at mark \"TEXT\" …' of the disk's script; prints how many those were.")
public final class MarkCommand extends DiskCommand {
    @Parameters(index = "1", paramLabel = "TEXT", description = "The mark.")
    private String text;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        out.println(disk.mark(text));
    }
}
