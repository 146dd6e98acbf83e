package io.ublkdisk.cli.disk;

import io.ublkdisk.control.ByteSize;
import io.ublkdisk.control.DiskInfo;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.protocol.KeyValues;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "list", mixinStandardHelpOptions = true, description = "The disks that run.")
public final class ListCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<DiskInfo> infos = new ArrayList<>();
        try (Servers servers = new Servers()) {
            for (RemoteDisk disk : servers.disks()) {
                infos.add(disk.info());
            }
        }
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            List<KeyValues> all = infos.stream().map(DiskInfo::fields).toList();
            out.println(Json.array(all, "name", "device", "fs", "mount-point"));
        } else if (!infos.isEmpty()) {
            out.printf(
                    "%-14s %-16s %10s %-6s %-12s %8s  %s%n",
                    "DEVICE", "NAME", "SIZE", "FS", "SEED", "SERVER", "MOUNTED");
            infos.forEach(i -> out.printf(
                    "%-14s %-16s %10s %-6s %-12d %8d  %s%n",
                    i.device(),
                    i.name(),
                    ByteSize.print(i.sizeBytes()),
                    i.fileSystem().word(),
                    i.seed(),
                    i.serverPid(),
                    i.mountPoint().map(Path::toString).orElse("-")));
        }
        return 0;
    }
}
