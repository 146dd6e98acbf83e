package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "crash-image",
        mixinStandardHelpOptions = true,
        description =
                "Make a second disk that is what a power cut now would leave; prints its device. The first goes on.")
public final class CrashImageCommand extends DiskCommand {
    @Mixin
    private SurvivorOptions survivors;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        out.println(disk.crashImage(survivors.keep, survivors.seed).device());
    }
}
