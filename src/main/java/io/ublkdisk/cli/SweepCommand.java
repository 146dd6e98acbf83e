package io.ublkdisk.cli;

import io.ublkdisk.cli.disk.Json;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.server.recovery.Orphans;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        description =
                "Find devices whose server is gone, and delete what servers of this user left that were killed: a line"
                        + " for each, with what is known of it.")
final class SweepCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Option(
            names = "--all",
            description =
                    "Delete also disks that wait to be recovered, and devices of other programs that no server serves.")
    private boolean all;

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        StateFolder folder = StateFolder.ofUser().create();
        List<Orphans.Orphan> found = Orphans.sweep(folder, all ? Orphans.Scope.ALL : Orphans.Scope.LOST);
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            out.println(Json.array(
                    found.stream()
                            .map(orphan -> new KeyValues()
                                    .put("id", orphan.id())
                                    .put("why", orphan.why())
                                    .put("deleted", orphan.deleted()))
                            .toList(),
                    "why"));
        } else {
            found.forEach(out::println);
        }
        return 0;
    }
}
