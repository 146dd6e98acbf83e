package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.protocol.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rules",
        mixinStandardHelpOptions = true,
        description = "The rules of a disk, and how often each did something.")
public final class RulesCommand extends DiskCommand {
    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        List<RuleReport> rules = disk.rules().reports();
        if (json) {
            out.println(Json.array(rules.stream().map(Report::fields).toList(), "name", "text"));
        } else if (!rules.isEmpty()) {
            out.printf("%10s %10s  %s%n", "MATCHED", "FIRED", "RULE");
            rules.forEach(r -> out.printf("%10d %10d  %s%n", r.matched(), r.fired(), r.text()));
        }
    }
}
