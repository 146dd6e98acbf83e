package io.ublkdisk.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.journal.LogWriter;
import io.ublkdisk.journal.OwnMarks;
import io.ublkdisk.protocol.KeyValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a failed test leaves, in a file and out of it. */
class BundleTest {
    private static final String SCRIPT = "rule bad: on read sectors 8..15 fail MEDIUM\n";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void make() throws IOException {
        file = folder.resolve("bundle.zip");
    }

    private static KeyValues about() {
        DiskSpec spec = DiskSpec.builder().size("1MiB").queues(2).build();
        return new KeyValues()
                .put("test", "a test, with\nlines")
                .put("seed", 42)
                .put("spec", spec.line());
    }

    private static void write(Path to, Path folder) throws IOException {
        Path log = folder.resolve("log");
        try (LogWriter writer = new LogWriter(log)) {
            writer.mark(OwnMarks.size(1 << 20));
            writer.flush();
        }
        new Bundle.Content(about(), SCRIPT, "report\n", List.of(), Optional.of(log)).write(to);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        write(file, folder);
        Bundle bundle = Bundle.read(file);
        assertThat(bundle.about().text("test")).contains("a test, with\nlines");
        assertThat(bundle.script()).isEqualTo(SCRIPT);
        assertThat(bundle.hasLog()).isTrue();
        DiskSpec spec = bundle.spec("loaded");
        assertThat(spec.queues()).isEqualTo(2);
        assertThat(spec.seed()).hasValue(42);
        assertThat(spec.script()).isEqualTo(SCRIPT);
        assertThat(spec.replay()).contains(file);
        assertThat(spec.replayTo()).contains("loaded");
        Set<Path> before = temporaryFiles();
        try (ReplaySource source = ReplaySource.open(file)) {
            assertThat(source.sizeBytes()).hasValue(1 << 20);
            assertThat(source.log().entryCount()).isEqualTo(2);
        }
        assertThat(temporaryFiles()).isEqualTo(before);
    }

    private static Set<Path> temporaryFiles() throws IOException {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("ublkdisk-replay"))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        KeyValues noLog = about().put("no-log", "its bytes are more than 512 MiB");
        new Bundle.Content(noLog, "", "", List.of(), Optional.empty()).write(file);
        assertThatThrownBy(() -> ReplaySource.open(file))
                .hasMessageContaining("has not the bytes of the disk, because its bytes are more than 512 MiB");
        new Bundle.Content(about().put("version", 2), "", "", List.of(), Optional.empty()).write(file);
        assertThatThrownBy(() -> Bundle.read(file)).hasMessageContaining("'version' is given twice");
        zip("bundle", "version=2\n");
        assertThatThrownBy(() -> Bundle.read(file))
                .hasMessageContaining("is a bundle of version 2; this reads version 1");
        zip("other", "");
        assertThatThrownBy(() -> Bundle.read(file)).hasMessageContaining("a zip file and no bundle of ublkdisk");
        zip("bundle", "version=1\nspec=size=7 seed=1\n");
        Bundle odd = Bundle.read(file);
        assertThatThrownBy(() -> odd.spec(null)).hasMessageContaining("has a disk that cannot be");
        Files.writeString(file, "no zip at all");
        assertThatThrownBy(() -> Bundle.read(file)).hasMessageContaining("is no bundle of ublkdisk, or is cut off");
    }

    @Test
    void halfOfOneIsNone() {
        Bundle.Content content =
                new Bundle.Content(about(), SCRIPT, "", List.of(), Optional.of(folder.resolve("no-log")));
        assertThatThrownBy(() -> content.write(file)).isInstanceOf(IOException.class);
        assertThat(file).doesNotExist();
    }

    private void zip(String name, String text) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(text.getBytes());
        }
    }

    /** Cut or changed anywhere: the same bundle, or an error. */
    @Property(tries = 1000)
    void aDamagedOneIsAnErrorOrABundle(
            @ForAll @IntRange(max = 2000) int cut, @ForAll @IntRange(max = 2000) int at, @ForAll byte value)
            throws IOException {
        Path here = Files.createTempDirectory("bundle");
        try {
            Path damaged = here.resolve("bundle.zip");
            write(damaged, here);
            byte[] bytes = Files.readAllBytes(damaged);
            bytes = Arrays.copyOf(bytes, Math.min(bytes.length, cut));
            if (at < bytes.length) {
                bytes[at] = value;
            }
            Files.write(damaged, bytes);
            try {
                Bundle.read(damaged).spec(null);
                try (ReplaySource source = ReplaySource.open(damaged)) {
                    assertThat(source.sizeBytes())
                            .as("what is read is what was written")
                            .hasValue(1 << 20);
                }
            } catch (IOException e) {
                assertThat(e).hasMessageMatching("(?s)/.{20,400}");
            }
        } finally {
            try (var files = Files.list(here)) {
                for (Path each : files.toList()) {
                    Files.delete(each);
                }
            }
            Files.delete(here);
        }
    }
}
