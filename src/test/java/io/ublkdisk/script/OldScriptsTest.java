package io.ublkdisk.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Reads every script and example that an older version had in its pages and its fault-scripts folder (commit 88c211a,
 * 2026-12-01), and prints it as that version did: the printed form is in journals, reports and replay bundles.
 */
class OldScriptsTest {
    private static final Pattern EXAMPLE = Pattern.compile("(?s)==== (.+?)\n(.+?)\n---- printed\n(.+?)\n(?===== |\\z)");

    @Test
    void areReadAndPrintedAsBefore() throws IOException {
        String all;
        try (InputStream in = getClass().getResourceAsStream("/formats/20261201/scripts.txt")) {
            all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        int count = 0;
        for (Matcher example = EXAMPLE.matcher(all); example.find(); count++) {
            String from = example.group(1);
            assertThat(Script.parse(example.group(2), from).toString().strip())
                    .as(from)
                    .isEqualTo(example.group(3));
        }
        assertThat(count).isEqualTo(33);
    }
}
