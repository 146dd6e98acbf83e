package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.house.MarkdownPage;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * Checks the commands that README.md and the pages under docs/ show: there is such a program, it has such a command and such
 * options, and there are such files. {@link ReadmeShellIT} runs those that a device can run.
 */
class ShellBlocksTest {
    private static final Path PROJECT = MarkdownPage.PROJECT;
    private static final Pattern INLINE = Pattern.compile("`(ublkdisk [a-z][^`]*|vm/[a-z][^`]*)`");
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");

    @Test
    void everyCommandOfABlockIsOneThatThereIs() throws IOException {
        List<String> wrong = new ArrayList<>();
        int commands = 0;
        for (MarkdownPage page : MarkdownPage.all()) {
            for (MarkdownPage.Block block : page.blocks("sh")) {
                for (List<String> command : ShellText.commands(block.text())) {
                    commands++;
                    String trouble = trouble(command);
                    if (!trouble.isEmpty()) {
                        wrong.add(page.path() + ":" + block.line() + ": " + String.join(" ", command) + ": " + trouble);
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(commands).isGreaterThan(20);
    }

    @Test
    void everyCommandInTheTextIsOneThatThereIs() throws IOException {
        List<String> wrong = new ArrayList<>();
        int commands = 0;
        for (MarkdownPage page : MarkdownPage.all()) {
            for (MarkdownPage.Line line : page.prose()) {
                for (Matcher inline = INLINE.matcher(line.text()); inline.find(); commands++) {
                    for (List<String> command : ShellText.commands(inline.group(1))) {
                        String trouble = mentioned(command);
                        if (!trouble.isEmpty()) {
                            wrong.add(page.path() + ":" + line.number() + ": " + inline.group(1) + ": " + trouble);
                        }
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(commands).isGreaterThan(20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '&',
            value = {
                "ublkdisk add --size 1G                & ''",
                "ublkdisk ad --size 1G                 & Unmatched argument",
                "ublkdisk add --sice 1G                & Unknown options: '--sice'",
                "ublkdisk damage db                    & Missing required parameter",
                "ublkdisk check fault-scripts/no.fault & there is no fault-scripts/no.fault",
                "ublkdisk check fault-scripts/*.fault  & ''",
                "vm/none                               & there is no vm/none",
                "vm/test --all                         & ''",
                "vm/test --al                          & vm/test has no option --al",
                "mvn test -pl src                      & ''",
                "mvn test -pl source                   & there is no source",
                "cat x | ublkdisk ad                   & Unmatched argument",
                "dev=$(ublkdisk ad)                    & Unmatched argument"
            })
    void aCommandThatThereIsNotIsFound(String line, String trouble) throws IOException {
        StringBuilder found = new StringBuilder();
        for (List<String> command : ShellText.commands(line)) {
            found.append(trouble(command));
        }
        assertThat(found.toString()).startsWith(trouble);
        assertThat(found.isEmpty()).isEqualTo(trouble.isEmpty());
    }

    /** Returns what is wrong with a command, empty if nothing is. */
    private static String trouble(List<String> command) throws IOException {
        String program = command.get(0);
        List<String> arguments = command.subList(1, command.size());
        for (String word : command) {
            if (word.startsWith("fault-scripts/") && !exists(word)) {
                return "there is no " + word;
            }
        }
        if (program.equals("ublkdisk")) {
            return troubleOfOurs(arguments);
        }
        if (program.startsWith("vm/")) {
            return troubleOfScript(program, arguments);
        }
        int module = command.indexOf("-pl") + 1;
        if (program.equals("mvn") && module > 0 && !Files.isDirectory(PROJECT.resolve(command.get(module)))) {
            return "there is no " + command.get(module);
        }
        return "";
    }

    private static String troubleOfOurs(List<String> arguments) {
        try {
            Ublkdisk.commandLine().parseArgs(arguments.toArray(String[]::new));
            return "";
        } catch (CommandLine.ParameterException e) {
            return e.getMessage();
        }
    }

    private static String troubleOfScript(String program, List<String> arguments) throws IOException {
        Path script = PROJECT.resolve(program);
        if (Files.isDirectory(script)) {
            return ""; // a sentence speaks of the folder
        }
        if (!Files.exists(script)) {
            return "there is no " + program;
        }
        for (String argument : arguments) {
            if (!argument.startsWith("-")) {
                return ""; // from here on it is the command's
            }
            if (OPTION.matcher(argument).matches() && !optionsOf(script).contains(argument)) {
                return program + " has no option " + argument;
            }
        }
        return "";
    }

    /** Returns the text of a script and of the files that it shares with the others, where its options stand. */
    private static List<String> optionsOf(Path script) throws IOException {
        String text = Files.readString(script);
        try (Stream<Path> shared = Files.list(script.getParent())) {
            for (Path each :
                    shared.filter(path -> path.toString().endsWith(".sh")).toList()) {
                text += Files.readString(each);
            }
        }
        return OPTION.matcher(text).results().map(found -> found.group()).toList();
    }

    /** Returns what is wrong with a command that a sentence mentions, maybe without its arguments. */
    private static String mentioned(List<String> command) throws IOException {
        if (!command.get(0).equals("ublkdisk")) {
            return trouble(command);
        }
        CommandLine parser = Ublkdisk.commandLine();
        for (String word : command.subList(1, command.size())) {
            CommandLine sub = parser.getSubcommands().get(word);
            if (sub != null) {
                parser = sub;
            } else if (parser.getCommandName().equals("ublkdisk")) {
                return word.equals("serve") || word.equals("vm:") ? "" : "there is no command " + word;
            } else {
                Matcher option = OPTION.matcher(word);
                if (option.lookingAt() && parser.getCommandSpec().findOption(option.group()) == null) {
                    return parser.getCommandName() + " has no option " + option.group();
                }
            }
        }
        return "";
    }

    private static boolean exists(String pattern) throws IOException {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + PROJECT.resolve(pattern));
        try (Stream<Path> files = Files.list(PROJECT.resolve("fault-scripts"))) {
            return files.anyMatch(matcher::matches);
        }
    }
}
