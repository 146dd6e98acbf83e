package io.ublkdisk.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every message of the parser, word for word. In the golden file a script stands under {@code === }, with NUL and its like
 * written {@code ␀}, and what is said to it under {@code --- }. To write the file anew after a change that is meant, run with
 * {@code -Dublkdisk.golden=PATH} and read the difference.
 */
class MessagesTest {
    private static final String GOLDEN = "messages.txt";

    @Test
    void areAsTheGoldenFileSays() throws IOException {
        String golden;
        try (InputStream in = MessagesTest.class.getResourceAsStream(GOLDEN)) {
            golden = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        List<String> scripts = new ArrayList<>();
        for (String entry : golden.split("(?m)^=== .*\n")) {
            if (!entry.isEmpty()) {
                scripts.add(entry.substring(0, entry.indexOf("\n---\n")));
            }
        }
        assertThat(scripts).hasSizeGreaterThan(60);
        StringBuilder now = new StringBuilder();
        for (int i = 0; i < scripts.size(); i++) {
            now.append("=== ")
                    .append(i + 1)
                    .append('\n')
                    .append(scripts.get(i))
                    .append("\n---\n")
                    .append(said(scripts.get(i)))
                    .append('\n');
        }
        String path = System.getProperty("ublkdisk.golden");
        if (path != null) {
            Files.writeString(Path.of(path), now);
        }
        assertThat(now.toString()).isEqualTo(golden);
    }

    private static String said(String script) {
        try {
            return "read as:\n"
                    + Script.parse(script.replace('\u2400', '\0').replace('\u240d', '\r'), "disk.fault")
                            .toString()
                            .strip();
        } catch (ParseException e) {
            return e.getMessage();
        }
    }
}
