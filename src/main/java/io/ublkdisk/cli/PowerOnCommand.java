package io.ublkdisk.cli;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

@Command(name = "power-on", mixinStandardHelpOptions = true, description = "Give a disk its power back.")
final class PowerOnCommand extends DiskCommand {
    @Override
    void run(RemoteDisk disk, PrintWriter out) throws IOException {
        disk.powerOn();
    }
}
