package io.ublkdisk.cli;

import io.ublkdisk.server.session.Features;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What the udev rule asks; no other server needs it. */
@Command(
        name = "owner",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "User and group of who made a device without being root; exit status 1 for other devices.")
final class OwnerCommand implements Callable<Integer> {
    private static final Pattern NODE = Pattern.compile("(?:/dev/)?ublk[bc]([0-9]{1,7})(?:p[0-9]+)?");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Parameters(index = "0", paramLabel = "NODE", description = "For instance ublkc0.")
    private String node;

    @Override
    public Integer call() throws IOException {
        Matcher name = NODE.matcher(node);
        if (!name.matches()) {
            throw new IllegalArgumentException("'" + node + "' is no ublk device; write for instance ublkc0");
        }
        Optional<String> owner = Features.owner(Integer.parseInt(name.group(1)));
        owner.ifPresent(command.commandLine().getOut()::println);
        return owner.isPresent() ? 0 : 1;
    }
}
