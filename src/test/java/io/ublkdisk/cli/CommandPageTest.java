package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * Holds {@code docs/reference/command-line.md} to what {@code ublkdisk COMMAND --help} prints. When the page is to change, run this
 * test with {@code -Dublkdisk.golden=PATH} of the page and read the difference.
 */
class CommandPageTest {
    private static final Path PAGE = Path.of("").toAbsolutePath().getParent().resolve("docs/reference/command-line.md");

    private static final int COLUMNS = 100;

    @Test
    void thePageIsTheHelpOfEachCommand() throws IOException {
        String page = page();
        String golden = System.getProperty("ublkdisk.golden");
        if (golden != null) {
            Files.writeString(Path.of(golden), page);
        }
        assertThat(page).contains("## `ublkdisk add`", "## `ublkdisk power-cut`", "--keep");
        assertThat(PAGE).as("run with -Dublkdisk.golden=%s", PAGE).hasContent(page);
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
