package io.ublkdisk.cli;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "power-cut",
        mixinStandardHelpOptions = true,
        description = "Take a disk's power; prints what was lost. Every request fails until power-on.")
final class PowerCutCommand extends DiskCommand {
    @Mixin
    private SurvivorOptions survivors;

    @Override
    void run(RemoteDisk disk, PrintWriter out) throws IOException {
        out.println(disk.powerCut(survivors.keep, survivors.seed));
    }
}
