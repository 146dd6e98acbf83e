package io.ublkdisk.cli;

import io.ublkdisk.cli.disk.ClearCommand;
import io.ublkdisk.cli.disk.CrashImageCommand;
import io.ublkdisk.cli.disk.DamageCommand;
import io.ublkdisk.cli.disk.DelCommand;
import io.ublkdisk.cli.disk.FaultCommand;
import io.ublkdisk.cli.disk.ListCommand;
import io.ublkdisk.cli.disk.MarkCommand;
import io.ublkdisk.cli.disk.PowerCommands;
import io.ublkdisk.cli.disk.QuiesceCommand;
import io.ublkdisk.cli.disk.ReleaseCommand;
import io.ublkdisk.cli.disk.RewindCommand;
import io.ublkdisk.cli.disk.RulesCommand;
import io.ublkdisk.cli.disk.SnapshotCommand;
import io.ublkdisk.cli.disk.StatsCommand;
import io.ublkdisk.cli.disk.UnflushedCommand;
import io.ublkdisk.cli.kublk.KublkCommand;
import io.ublkdisk.control.IoErrorText;
import io.ublkdisk.protocol.Version;
import java.io.IOException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** {@code ublkdisk}: disks that fail on cue, from a shell. Exit status 0: done, 1: could not, 2: wrong usage. */
@Command(
        name = "ublkdisk",
        description = "Disks that fail on cue: real block devices, served by this program.",
        footer = {
            "",
            "N is a disk's name, its number, or its device, for instance /dev/ublkb0.",
            "A RULE is one line of the fault language, for instance: on read sectors 2048..2055 fail MEDIUM",
            "Exit status: 0 done, 1 could not, 2 wrong usage."
        },
        subcommands = {
            RunCommand.class,
            AddCommand.class,
            ListCommand.class,
            DelCommand.class,
            FaultCommand.class,
            RulesCommand.class,
            ClearCommand.class,
            StatsCommand.class,
            UnflushedCommand.class,
            PowerCommands.Cut.class,
            PowerCommands.On.class,
            PowerCommands.Cycle.class,
            MarkCommand.class,
            JournalCommand.class,
            ReplayCommand.class,
            DamageCommand.class,
            CheckCommand.class,
            ReleaseCommand.class,
            CrashImageCommand.class,
            SnapshotCommand.class,
            RewindCommand.class,
            FeaturesCommand.class,
            SweepCommand.class,
            RecoverCommand.class,
            QuiesceCommand.class,
            OwnerCommand.class,
        },
        mixinStandardHelpOptions = true,
        version = "ublkdisk " + Version.TEXT)
public final class Ublkdisk implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private Ublkdisk() {}

    public static void main(String[] read) throws InterruptedException {
        String[] arguments;
        try {
            arguments = Arguments.inUtf8(read);
        } catch (IllegalArgumentException e) {
            System.err.println("ublkdisk: " + e.getMessage());
            System.exit(ExitCode.USAGE);
            return;
        }
        if (arguments.length > 0 && arguments[0].equals("serve")) {
            ServeMain.main(Arrays.copyOfRange(arguments, 1, arguments.length));
            return;
        }
        if (arguments.length > 0 && arguments[0].equals("kublk")) {
            // Without the other commands, which take seconds to read where the processor is emulated.
            System.exit(
                    explaining(KublkCommand.commandLine()).execute(Arrays.copyOfRange(arguments, 1, arguments.length)));
        }
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return explaining(new CommandLine(new Ublkdisk()).addSubcommand(KublkCommand.commandLine()));
    }

    private static CommandLine explaining(CommandLine root) {
        return root.setExecutionExceptionHandler((e, command, parsed) -> explain(e, command))
                .setParameterExceptionHandler((e, arguments) -> {
                    CommandLine command = e.getCommandLine();
                    command.getErr().println("ublkdisk: " + e.getMessage() + localeHint(e));
                    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr())) {
                        command.getErr()
                                .println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
                    }
                    return ExitCode.USAGE;
                });
    }

    /**
     * Returns what to do about an unmappable file name. A JVM whose locale is not UTF-8 can open no file whose name is not
     * ASCII; the program that starts us sees to that.
     */
    private static String localeHint(Exception e) {
        return String.valueOf(e.getMessage()).contains("unmappable characters")
                ? "; this Java reads names of files as " + System.getProperty("sun.jnu.encoding")
                        + ": start it with LC_ALL=C.UTF-8 in its environment"
                : "";
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which command? See ublkdisk --help");
    }

    private static int explain(Exception e, CommandLine command) throws Exception {
        if (e instanceof IOException || e instanceof IllegalArgumentException) {
            command.getErr().println("ublkdisk: " + IoErrorText.of(e));
            return e instanceof IOException ? ExitCode.SOFTWARE : ExitCode.USAGE;
        }
        throw e;
    }
}
