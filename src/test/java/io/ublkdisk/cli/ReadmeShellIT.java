package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of README.md as they stand there, each block by a shell of its own in the project's folder. One thing is
 * added: {@code target} is in {@code PATH}, where the reader finds {@code ublkdisk}.
 */
@Timeout(1500)
class ReadmeShellIT {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern BLOCK = Pattern.compile("(?s)```sh\n(.*?)```");

    /** The blocks that cannot run on the device, by a part of their text, and what runs them instead. */
    private static final Map<String, String> RUN_ELSEWHERE = Map.of(
            "vm/demo ", "they boot VMs themselves: CI runs vm/test, and vm/test --all runs vm/demo",
            "mvn -q install -DskipTests", "it builds the program that runs here: vm/quickstart",
            "mvn verify -Djvm=$HOME/ublkdisk/vm/java/bin/java", "it boots a VM for the user's project: vm/quickstart");

    @TempDir
    Path folder;

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        shell(
                "mountpoint -q /mnt && umount /mnt; target/ublkdisk del db --force",
                Path.of("").toAbsolutePath());
    }

    @Test
    void everyBlockOfTheReadmeRunsAsItStands() throws Exception {
        List<String> ran = new ArrayList<>();
        for (String block : blocks("README.md")) {
            if (RUN_ELSEWHERE.keySet().stream().noneMatch(block::contains)) {
                assertThat(shell(block, PROJECT)).as(block + output()).isZero();
                assertThat(output())
                        .contains("rule slow: on write delay 5ms", "\"writes\": ", "write ", "torn-page.fault");
                ran.add(block);
            }
        }
        assertThat(ran).hasSize(1);
    }

    @Test
    void whatRunsElsewhereStandsInTheReadmeAndWhatTheQuickstartRunsStandsThere() throws IOException {
        String quickstart = String.join("", blocks("docs/quickstart.md"));
        for (String part : RUN_ELSEWHERE.keySet()) {
            assertThat(blocks("README.md")).as(part).anyMatch(block -> block.contains(part));
            if (RUN_ELSEWHERE.get(part).endsWith("vm/quickstart")) {
                assertThat(quickstart).contains(part);
            }
        }
    }

    private static List<String> blocks(String page) throws IOException {
        return BLOCK.matcher(Files.readString(PROJECT.resolve(page)))
                .results()
                .map(found -> found.group(1))
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
