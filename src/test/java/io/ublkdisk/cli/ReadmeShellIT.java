package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.house.MarkdownPage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the commands of README.md and of the pages in docs/guide and docs/how-to as they stand there: all blocks of a page by one
 * shell, in the project's folder. One thing is added: {@code target} is in {@code PATH}, where the reader finds {@code ublkdisk}.
 */
@Timeout(1500)
class ReadmeShellIT {
    private static final Path PROJECT = MarkdownPage.PROJECT;

    /** Blocks with one of these need a network, a build or a VM of their own. */
    private static final Set<String> NOT_ON_A_DEVICE = Set.of("mvn", "gradle", "./gradlew", "git", "apt", "docker");

    /** The blocks that cannot run on the device, by a part of their text, and what runs them instead. */
    private static final Map<String, String> RUN_ELSEWHERE = Map.of(
            "vm/demo ", "they boot VMs themselves: CI runs vm/test, and vm/test --all runs vm/demo",
            "mvn -q install -DskipTests", "it builds the program that runs here: vm/quickstart",
            "mvn verify -Djvm=$HOME/ublkdisk/vm/java/bin/java", "it boots a VM for the user's project: vm/quickstart");

    @TempDir
    Path folder;

    private final Set<String> before = devices();

    ReadmeShellIT() throws IOException {}

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        for (String device : ours()) {
            shell(
                    "mountpoint -q /mnt && umount /mnt; target/ublkdisk del " + device + " --force",
                    Path.of("").toAbsolutePath());
        }
    }

    /** Returns the devices that this test has made and that are still there. */
    private Set<String> ours() throws IOException {
        Set<String> ours = devices();
        ours.removeAll(before);
        return ours;
    }

    private static Set<String> devices() throws IOException {
        try (Stream<Path> nodes = Files.list(Path.of("/dev"))) {
            return nodes.map(Path::toString)
                    .filter(node -> node.startsWith("/dev/ublkb"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    static List<String> pages() throws IOException {
        List<String> pages = new ArrayList<>();
        for (MarkdownPage page : MarkdownPage.all()) {
            if (page.path().matches("README.md|docs/(guide|how-to)/.*")
                    && !script(page).isEmpty()) {
                pages.add(page.path());
            }
        }
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyBlockRunsAsItStands(String page) throws Exception {
        String script = script(MarkdownPage.read(page));
        assertThat(shell(script, PROJECT))
                .as("%s%n%s%n%s", page, script, output())
                .isZero();
        if (page.equals("README.md")) {
            assertThat(output()).contains("rule slow: on write delay 5ms", "\"writes\": ", "write ", "torn-page.fault");
        }
        assertThat(ours()).as("devices that %s leaves behind", page).isEmpty();
        assertThat(shell("mountpoint -q /mnt", PROJECT))
                .as("%s leaves /mnt mounted", page)
                .isNotZero();
    }

    /** Returns the blocks of a page that run on a device, as one script. */
    private static String script(MarkdownPage page) {
        return page.blocks().stream()
                .filter(block -> block.info().equals("sh"))
                .map(MarkdownPage.Block::text)
                .filter(text -> ShellText.commands(text).stream().noneMatch(ReadmeShellIT::runsElsewhere))
                .collect(Collectors.joining());
    }

    private static boolean runsElsewhere(List<String> command) {
        String program = command.get(0);
        return NOT_ON_A_DEVICE.contains(program)
                || program.startsWith("vm/")
                || program.equals("cd") && command.size() > 1 && command.get(1).startsWith("~");
    }

    @Test
    void whatRunsElsewhereStandsInTheReadmeAndWhatTheQuickstartRunsStandsThere() throws IOException {
        String quickstart = String.join("", blocks("docs/guide/quickstart.md"));
        for (String part : RUN_ELSEWHERE.keySet()) {
            assertThat(blocks("README.md")).as(part).anyMatch(block -> block.contains(part));
            if (RUN_ELSEWHERE.get(part).endsWith("vm/quickstart")) {
                assertThat(quickstart).contains(part);
            }
        }
        List<String> neither = new ArrayList<>(blocks("README.md"));
        neither.removeIf(block -> RUN_ELSEWHERE.keySet().stream().anyMatch(block::contains)
                || ShellText.commands(block).stream().noneMatch(ReadmeShellIT::runsElsewhere));
        assertThat(neither).as("blocks of README.md that nothing runs").isEmpty();
    }

    private static List<String> blocks(String page) throws IOException {
        return MarkdownPage.read(page).blocks("sh").stream()
                .map(MarkdownPage.Block::text)
                .toList();
    }

    private int shell(String commands, Path where) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", "-e", "-u", "-o", "pipefail", "-c", commands)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        builder.environment()
                .merge(
                        "PATH",
                        Path.of("target").toAbsolutePath() + File.pathSeparator,
                        (path, target) -> target + path);
        Process shell = builder.start();
        try {
            boolean ended = shell.waitFor(1200, TimeUnit.SECONDS);
            assertThat(ended).as("ends in time: %s%n%s", commands, output()).isTrue();
            return shell.exitValue();
        } finally {
            shell.destroyForcibly();
        }
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }
}
