package io.ublkdisk.cli.disk;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.protocol.Report;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that take a disk's power and give it back. */
public final class PowerCommands {
    private PowerCommands() {}

    @Command(
            name = "power-cut",
            mixinStandardHelpOptions = true,
            description = "Take a disk's power; prints what was lost. Every request fails until power-on.")
    public static final class Cut extends DiskCommand {
        @Mixin
        private SurvivorOptions survivors;

        @Override
        protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
            out.println(disk.powerCut(survivors.keep, survivors.seed));
        }
    }

    @Command(name = "power-on", mixinStandardHelpOptions = true, description = "Give a disk its power back.")
    public static final class On extends DiskCommand {
        @Override
        protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
            disk.powerOn();
        }
    }

    @Command(
            name = "power-cycle",
            mixinStandardHelpOptions = true,
            description = {
                "Take a disk's power and give it back; prints what was lost. What was mounted is mounted again, and the kernel has"
                        + " forgotten what it had not written.",
                "If files on it are open it becomes another device, whose path is printed."
            })
    public static final class Cycle extends DiskCommand {
        @Mixin
        private SurvivorOptions survivors;

        @Option(
                names = "--off",
                paramLabel = "TIME",
                description = "How long the power stays off, for instance 500ms or 2s; no time by default.")
        private String off;

        @Override
        protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
            Path before = disk.device();
            Report.Cycle cycle = disk.powerCycle(
                    survivors.keep, survivors.seed, off == null ? Duration.ZERO : Script.parseTime(off));
            out.println(cycle.cut().text());
            if (!disk.device().equals(before)) {
                out.println(before + " was in use; the disk is " + disk.device() + " now");
            }
            if (cycle.problem().isPresent()) {
                throw new DiskException(cycle.problem().get());
            }
        }
    }
}
