package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "fault",
        mixinStandardHelpOptions = true,
        description = "Put a rule in force; prints its name. For instance: ublkdisk fault db 'on write nth 7 fail IO'")
public final class FaultCommand extends DiskCommand {
    @Parameters(index = "1", paramLabel = "RULE", description = "One line of the fault language.")
    private String rule;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        Script.parse(rule, "rule");
        out.println(disk.rules().add(rule));
    }
}
