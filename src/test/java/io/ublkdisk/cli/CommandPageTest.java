package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.house.GeneratedPage;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Holds {@code docs/reference/command-line.md} to what {@code ublkdisk COMMAND --help} prints. */
class CommandPageTest {
    private static final int COLUMNS = 100;

    @Test
    void thePageIsTheHelpOfEachCommand() throws IOException {
        String page = page();
        assertThat(page).contains("## `ublkdisk add`", "## `ublkdisk power-cut`", "--keep");
        GeneratedPage.assertIs("docs/reference/command-line.md", page, getClass());
    }

    private static String page() {
        CommandLine root = Ublkdisk.commandLine();
        StringBuilder page = new StringBuilder("""
                # The command line

                Each command of `ublkdisk`, as its `--help` says it. This page is generated from the commands. `ublkdisk kublk`
                is for the kernel's own tests and has its own help.

                A command without `run` or `add` needs a disk that runs. The [settings](settings.md) of a disk are the options of
                `run` and `add`. [The fault language](../language.md) has the rules.

                ## `ublkdisk`

                """);
        append(page, root);
        root.getSubcommands().forEach((name, command) -> {
            if (!name.equals("kublk")
                    && !command.getCommandSpec().usageMessage().hidden()) {
                page.append("\n## `ublkdisk ").append(name).append("`\n\n");
                append(page, command);
            }
        });
        return page.toString();
    }

    private static void append(StringBuilder page, CommandLine command) {
        command.setUsageHelpWidth(COLUMNS);
        page.append("```text\n")
                .append(command.getUsageMessage(Ansi.OFF)
                        .replaceAll("[ ]+\n", "\n")
                        .stripTrailing())
                .append("\n```\n");
    }
}
