package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.journal.LogWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ArgumentsTest {

    private static byte[] line(byte[]... words) {
        byte[] all = new byte[0];
        for (byte[] word : words) {
            byte[] more = java.util.Arrays.copyOf(all, all.length + word.length + 1);
            System.arraycopy(word, 0, more, all.length, word.length);
            all = more;
        }
        return all;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void areTheBytesOfTheProcessAsUtf8() {
        byte[] line = line(
                utf8("java"), utf8("-cp"), utf8("x"), utf8("Main"), utf8("fault"), utf8(""), utf8("ü \uD83D\uDE00"));
        assertThat(Arguments.inUtf8(new String[] {"fault", "", "?? ????"}, line))
                .containsExactly("fault", "", "ü \uD83D\uDE00");
        assertThat(Arguments.inUtf8(new String[] {"plain"})).containsExactly("plain");
    }

    @Test
    void refusesWhatIsNotUtf8() {
        byte[] line = line(utf8("Main"), utf8("fault"), new byte[] {'a', (byte) 0xfc});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.inUtf8(new String[] {"fault", "a?"}, line))
                .withMessageContaining("argument 2, 'a\uFFFD', is not UTF-8; write it in UTF-8");
    }

    @Test
    void theUsersCommandGetsTheUsersLocale() {
        Map<String, String> environment = new HashMap<>(Map.of("LC_ALL", "C.UTF-8", "UBLKDISK_LC_ALL", "=C"));
        ReplayCheck.restoreLocale(environment);
        assertThat(environment).isEqualTo(Map.of("LC_ALL", "C"));
        environment = new HashMap<>(Map.of("LC_ALL", "C.UTF-8", "UBLKDISK_LC_ALL", ""));
        ReplayCheck.restoreLocale(environment);
        assertThat(environment).isEmpty();
    }

    /** A JVM without the stub, under a locale that knows no ü: the mark is found, and of a file it is said what to do. */
    @Test
    @Timeout(120)
    void aJvmUnderAnotherLocaleReadsUtf8(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("log");
        try (LogWriter writer = new LogWriter(log)) {
            writer.mark("für");
            writer.mark("later");
        }
        assertThat(inC("replay", log.toString(), "--end-mark", "für"))
                .contains("0: mark")
                .doesNotContain("later", "no mark");
        assertThat(inC("check", folder + "/ü.fault"))
                .contains("reads names of files as", "start it with LC_ALL=C.UTF-8");
    }

    private static String inC(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.ublkdisk.cli.Ublkdisk"));
        // As bytes, for this JVM's own locale may know no ü either.
        StringBuilder shell = new StringBuilder("exec \"$@\"");
        for (String argument : arguments) {
            shell.append(" \"$(printf '");
            for (byte b : utf8(argument)) {
                shell.append(String.format("\\%03o", b & 0xff));
            }
            shell.append("')\"");
        }
        command.addAll(0, List.of("sh", "-c", shell.toString(), "sh"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }
}
