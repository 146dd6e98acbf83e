package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.RemoteRules;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "release",
        mixinStandardHelpOptions = true,
        description = "Let requests go on that a rule holds, or all rules; prints how many those were. The rule stays.")
public final class ReleaseCommand extends DiskCommand {
    @Parameters(index = "1", arity = "0..1", paramLabel = "RULE", description = "Its name; all rules without.")
    private String rule;

    @Option(names = "--fail", paramLabel = "STATUS", description = "Fail them instead, for instance with IO.")
    private String status;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        if (rule == null && status != null) {
            throw new IllegalArgumentException("--fail needs the name of the rule whose requests are to fail");
        }
        RemoteRules rules = disk.rules();
        out.println(
                rule == null ? rules.release() : status == null ? rules.release(rule) : rules.failHeld(rule, status));
    }
}
