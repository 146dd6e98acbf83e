package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Replays files that an older version wrote (commit 88c211a, Linux 6.12, 2026-12-01). The sums of the disks are those that the
 * older version made of them, and {@code disk.log}'s is also that of the disk itself, read from its device with {@code dd}.
 */
class OldFormatsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "disk.log,        '',    bf7c4a57e487aae259bce383571b1cdd",
        "disk.log,        first, b6d81b360a5672d80c27430f39153e2c",
        "crash-state.zip, '',    6e4f72a1d8458ce174dc4fac5ba96c59",
        "failed-test.zip, '',    e2d9a54e0caf270d32f4c227eeac7f06"
    })
    void makeTheSameDisk(String name, String endMark, String md5) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream old = getClass().getResourceAsStream("/formats/20261201/" + name)) {
            Files.copy(old, file);
        }
        Path disk = folder.resolve("disk");
        List<String> words = new ArrayList<>(List.of("replay", file.toString(), "--to", disk.toString()));
        if (!endMark.isEmpty()) {
            words.addAll(List.of("--end-mark", endMark));
        }
        StringWriter err = new StringWriter();

        int status = Ublkdisk.commandLine()
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(String[]::new));

        assertThat(status).as(err.toString()).isZero();
        try (InputStream bytes = Files.newInputStream(disk)) {
            assertThat(DigestUtils.md5Hex(bytes)).isEqualTo(md5);
        }
    }
}
