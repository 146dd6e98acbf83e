package io.ublkdisk.cli.disk;

import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** A command about one disk that runs. */
public abstract class DiskCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Parameters(index = "0", paramLabel = "N", description = "The disk: name, number or device.")
    private String disk;

    protected abstract void run(RemoteDisk found, PrintWriter out) throws IOException;

    @Override
    public final Integer call() throws IOException {
        try (Servers servers = new Servers()) {
            run(servers.disk(disk), command.commandLine().getOut());
        }
        return 0;
    }
}
