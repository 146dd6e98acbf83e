package io.ublkdisk.cli.disk;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.server.recovery.Orphans;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "del",
        mixinStandardHelpOptions = true,
        description = "End a disk. One that is mounted stays, unless --force takes it from under its filesystem.")
public final class DelCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @ArgGroup(multiplicity = "1")
    private Which which;

    @Option(names = "--force", description = "Also if it is mounted or in use.")
    private boolean force;

    private static final class Which {
        @Parameters(index = "0", paramLabel = "N", description = "The disk: name, number or device.")
        private String disk;

        @Option(names = "--all", description = "All disks of this user, and what killed servers left.")
        private boolean all;
    }

    @Override
    public Integer call() throws IOException {
        boolean done = true;
        if (which.disk != null && Orphans.delete(StateFolder.ofUser().create(), which.disk)) {
            return 0;
        }
        try (Servers servers = new Servers()) {
            for (RemoteDisk disk : which.all ? servers.disks() : List.of(servers.disk(which.disk))) {
                done &= delete(disk);
            }
        }
        if (which.all) {
            Orphans.sweep(StateFolder.ofUser().create(), Orphans.Scope.OURS);
        }
        return done ? 0 : 1;
    }

    private boolean delete(RemoteDisk disk) {
        PrintWriter err = command.commandLine().getErr();
        try {
            if (force) {
                disk.delete().forEach(leak -> err.println("ublkdisk: " + disk + " was still in use: " + leak));
            } else {
                disk.deleteUnused();
            }
            return true;
        } catch (DiskException e) {
            err.println("ublkdisk: " + e.getMessage());
            return false;
        }
    }
}
