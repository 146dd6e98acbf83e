package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.ublkdisk.control.ReplaySource;
import io.ublkdisk.journal.FileTarget;
import io.ublkdisk.journal.LogPart;
import io.ublkdisk.journal.Replay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A failed test leaves a bundle, the line that repeats it is printed, and a test that has that line gets the disk. */
@Timeout(180)
class ReplayIT {
    private static final Pattern LINE = Pattern.compile("@ReplayFrom\\(\"([^\"]+)\"\\)");

    private final Set<Path> before = temporaryFiles();

    @AfterEach
    void nothingIsLeft() throws IOException {
        Files.deleteIfExists(Path.of(ReplayTestCase.BUNDLE));
        Leftovers.assertNone();
        assertThat(temporaryFiles()).isEqualTo(before);
    }

    private static Set<Path> temporaryFiles() {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().matches("ublkdisk-(history|bundle|replay).*"))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a test that fails, and puts its bundle where the others find it. */
    private static Path leave(String test) throws IOException {
        return leave(Runs.of(selectMethod(ReplayTestCase.Leaving.class, test, Disk.class)), test);
    }

    private static Path leave(Runs runs, String test) throws IOException {
        Throwable failure = runs.failureOf(test);
        Matcher line = LINE.matcher(Arrays.toString(failure.getSuppressed()));
        assertThat(line.find()).as(Runs.everythingIn(failure)).isTrue();
        assertThat(runs.published()).contains(line.group());
        return Files.copy(Path.of(line.group(1)), Path.of(ReplayTestCase.BUNDLE), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String entry(Path bundle, String name) throws IOException {
        try (ZipFile zip = new ZipFile(bundle.toFile())) {
            return new String(zip.getInputStream(zip.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aBundleHasTheDiskAsItBeganAndAsItWasLeft() throws Exception {
        Path bundle = leave("aFilesystem");
        assertThat(entry(bundle, "bundle"))
                .contains("version=1\n", "seed=4711\n", "mount-options=noatime", "kernel=Linux")
                .contains("method:aFilesystem");
        assertThat(entry(bundle, "script.fault")).contains(ReplayTestCase.SCRIPT);
        assertThat(entry(bundle, "report.txt")).contains("rule bad", "stats: reads=");
        assertThat(entry(bundle, "journal")).contains("ublkdisk-journal version=1 ", "operation=flush", "\nend\n");
        Matcher hash = Pattern.compile("sha256=([0-9a-f]{64})").matcher(entry(bundle, "bundle"));
        assertThat(hash.find()).isTrue();
        Path image = Path.of("target", "replay-test.img");
        try (ReplaySource source = ReplaySource.open(bundle);
                FileTarget target = new FileTarget(image, 0)) {
            new Replay(source.log(), target, true).run(LogPart.ALL, entry -> {});
        }
        assertThat(sha256(Files.readAllBytes(image))).isEqualTo(hash.group(1));
        Files.delete(image);

        again("asItWasLeft").assertAllPassed(1);
        again("asItBegan").assertAllPassed(1);
        assertThat(again("withItsRuleToBeUsed").failureOf("withItsRuleToBeUsed"))
                .hasMessageContaining("rule 'bad'")
                .hasMessageContaining("never fired");
    }

    private static Runs again(String test) {
        return Runs.of(selectMethod(ReplayTestCase.Again.class, test, Disk.class));
    }

    /** As the Javadoc of the server's answer says it. */
    private static String sha256(byte[] image) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int at = 0; at < image.length; at += 4096) {
            byte[] page = Arrays.copyOfRange(image, at, Math.min(image.length, at + 4096));
            if (!Arrays.equals(page, new byte[page.length])) {
                digest.update(ByteBuffer.allocate(8).putLong(at).array());
                digest.update(page);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void aRecordedTestCanBeHadAtEachMark() throws IOException {
        leave("aHistory");
        Runs history = Runs.of(selectClass(ReplayTestCase.History.class));
        assertThat(Runs.everythingIn(history.failureOf("atAMarkThatIsNone")))
                .contains("no mark 'three'", "'one', 'two'");
        history.tests().assertStatistics(all -> all.succeeded(2).failed(1));
    }

    /** Of all that failed it is the smallest, though smaller ones that passed came after it. */
    @Test
    void aPropertyLeavesTheTryThatIsReported() throws Exception {
        Path bundle = leave(Runs.jqwik(selectClass(ReplayTestCase.Properties.class)), "shrinks");
        assertThat(ReplayTestCase.Properties.SAMPLES)
                .last()
                .satisfies(last -> assertThat(last).isLessThan(300));
        assertThat(entry(bundle, "bundle")).contains("Properties.shrinks(300)", "seed=9\n", "history=whole");
        Runs.of(selectClass(ReplayTestCase.AgainAfterProperty.class)).assertAllPassed(3);
    }

    @Test
    void whatIsNoBundleIsSaid() {
        Runs wrong = Runs.of(selectClass(ReplayTestCase.Wrong.class));
        assertThat(wrong.failureOf("noFile"))
                .hasMessageContaining("@ReplayFrom(\"target/no-such.zip\") on parameter 'disk'")
                .hasMessageContaining("there is no file");
        assertThat(wrong.failureOf("noBundle")).hasMessageContaining("is no bundle of ublkdisk");
    }

    @Test
    void aTestThatPassesLeavesNothing() {
        Runs runs = Runs.of(selectMethod(ReplayTestCase.Leaving.class, "nothing", Disk.class));
        runs.assertAllPassed(1);
        runs.filesPublished().assertStatistics(files -> files.fileEntryPublished(0));
    }
}
