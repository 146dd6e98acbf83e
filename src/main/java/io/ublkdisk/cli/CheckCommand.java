package io.ublkdisk.cli;

import io.ublkdisk.control.ByteSize;
import io.ublkdisk.fault.Part;
import io.ublkdisk.script.Script;
import io.ublkdisk.script.Step;
import io.ublkdisk.script.StepAction.Arm;
import io.ublkdisk.script.StepTrigger;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads scripts, and says what they would do or where they are wrong. Needs no disk and no kernel. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Read fault scripts: prints what each would do, and when; or what is wrong, and where.")
final class CheckCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Fault scripts.")
    private List<Path> files;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description = "Also whether a disk of that size has all their sectors.")
    private String size;

    @Override
    public Integer call() {
        long sizeBytes = size == null ? Long.MAX_VALUE : ByteSize.parse(size);
        boolean good = true;
        for (Path file : files) {
            try {
                Script script = ScriptFile.read(file);
                script.checkAgainst(sizeBytes);
                explain(file, script);
                script.warnings()
                        .forEach(warning -> command.commandLine().getErr().println(file + ": warning: " + warning));
            } catch (IOException | IllegalArgumentException e) {
                String message = e.getMessage();
                command.commandLine()
                        .getErr()
                        .println("ublkdisk: " + (message.contains(file.toString()) ? "" : file + ": ") + message);
                good = false;
            }
        }
        return good ? 0 : 1;
    }

    private void explain(Path file, Script script) {
        PrintWriter out = command.commandLine().getOut();
        int waiting = script.timeline().size();
        out.println(file + ": " + script.armedAtStart().size() + " rules from the start, " + waiting
                + (waiting == 1 ? " line that waits for its moment, " : " lines that wait for their moment, ")
                + (script.seed().isPresent() ? "seed " + script.seed().getAsLong() : "no seed of its own"));
        for (Step step : script.steps()) {
            String when = step.moment() == StepTrigger.START
                    ? "from the start"
                    : step.moment().text().strip();
            out.printf("  %-22s %-6s %s%n", when, part(step), step.command().text());
        }
    }

    /** Returns the part of the drive in which it happens; nothing for a command. */
    private static String part(Step step) {
        if (step.command() instanceof Arm arm) {
            Part part = arm.rule().effect().part();
            return part.name().toLowerCase(Locale.ROOT);
        }
        return "";
    }
}
