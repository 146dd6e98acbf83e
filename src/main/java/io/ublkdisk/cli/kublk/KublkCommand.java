package io.ublkdisk.cli.kublk;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of {@code kublk}, under its words. */
@Command(
        name = "kublk",
        mixinStandardHelpOptions = true,
        description = "Serve bare backends with the command line of the kernel's kublk, for its own selftests.")
public final class KublkCommand implements Runnable {
    private static final List<String> NAMES = List.of(
            "add", "recover", "del", "stop", "list", "quiesce", "update_size", "set_params", "features", "resident");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private KublkCommand() {}

    /** Returns the command line with all its commands. The caller sets the handlers of errors. */
    public static CommandLine commandLine() {
        return commandLine(NAMES);
    }

    /** Returns the command line with the commands that these arguments need: each takes a second on an emulated processor. */
    public static CommandLine commandLine(String[] arguments) {
        return arguments.length > 0 && NAMES.contains(arguments[0])
                ? commandLine(List.of(arguments[0]))
                : commandLine(NAMES);
    }

    private static CommandLine commandLine(List<String> names) {
        CommandLine root = new CommandLine(new KublkCommand());
        for (String name : names) {
            root.addSubcommand(command(name));
        }
        return root.setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static Object command(String name) {
        return switch (name) {
            case "add" -> new AddCommand();
            case "recover" -> new RecoverCommand();
            case "del" -> new DelCommand();
            case "stop" -> new StopCommand();
            case "list" -> new ListCommand();
            case "quiesce" -> new QuiesceCommand();
            case "update_size" -> new UpdateSizeCommand();
            case "set_params" -> new SetParamsCommand();
            case "features" -> new FeaturesCommand();
            case "resident" -> new ResidentCommand();
            default -> throw new IllegalArgumentException("command '" + name + "'");
        };
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which command? See ublkdisk kublk --help");
    }
}
