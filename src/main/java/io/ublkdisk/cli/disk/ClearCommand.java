package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "clear",
        mixinStandardHelpOptions = true,
        description = "Take a rule away, or all of them. Requests that are held go on.")
public final class ClearCommand extends DiskCommand {
    @Parameters(index = "1", arity = "0..1", paramLabel = "RULE", description = "Its name; all rules without.")
    private String rule;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        if (rule == null) {
            disk.rules().clear();
        } else {
            disk.rules().remove(rule);
        }
    }
}
