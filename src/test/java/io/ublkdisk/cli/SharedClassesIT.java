package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The archive of classes that the build makes beside {@code target/ublkdisk}: taken where it is of this JVM and this file, and
 * otherwise left alone in silence.
 */
@Timeout(120)
class SharedClassesIT {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final String OWN = "io.ublkdisk.cli.Ublkdisk source: ";

    @TempDir
    private Path folder;

    private Path copy;

    private record Ended(int status, String out, String err) {}

    @BeforeEach
    void copy() throws Exception {
        copy = Files.copy(
                TARGET.resolve("ublkdisk"),
                Files.createDirectory(folder.resolve("a blank")).resolve("ublkdisk"));
        assertThat(copy.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void theProgramHasItsClassesFromIt() throws Exception {
        Ended ended = version(TARGET.resolve("ublkdisk"));
        assertThat(ended.err).isEmpty();
        assertThat(ended.out).contains(OWN + "shared objects file");
    }

    @Test
    void anArchiveOfAnotherFileIsLeftAlone() throws Exception {
        Files.copy(TARGET.resolve("ublkdisk.jsa"), copy.resolveSibling("ublkdisk.jsa"));
        assertRunsWithout(version(copy));
    }

    @Test
    void whatIsNoArchiveIsLeftAlone() throws Exception {
        Files.writeString(copy.resolveSibling("ublkdisk.jsa"), "half an archive");
        assertRunsWithout(version(copy));
    }

    @Test
    void whereThereIsNoneItRunsWithout() throws Exception {
        assertRunsWithout(version(copy));
    }

    private static void assertRunsWithout(Ended ended) {
        assertThat(ended.status).as(ended.err).isZero();
        assertThat(ended.err).isEmpty();
        assertThat(ended.out).contains(OWN + "file:").contains("ublkdisk 0.1.0");
        assertThat(ended.out).doesNotContain("[warning]");
    }

    /** {@code --version}, and where each class comes from. */
    private Ended version(Path program) throws Exception {
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(program.toString(), "--version").redirectError(err.toFile());
        builder.environment().put("UBLKDISK_JAVA_OPTIONS", "-Xlog:class+load");
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), out, Files.readString(err));
    }
}
