package io.ublkdisk.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProtocolPageTest {
    private static final Path PAGE = Path.of("").toAbsolutePath().getParent().resolve("docs/reference/protocol.md");
    private static final Pattern PLACEHOLDER = Pattern.compile("(?<![a-z])[A-Z][A-Z0-9-]*");

    @Test
    void thePageIsWhatTheVerbsSay() throws IOException {
        if (Boolean.getBoolean("ublkdisk.write-pages")) {
            Files.writeString(PAGE, ProtocolPage.text());
        }
        assertThat(PAGE)
                .as("make it again: mvn test -pl src -Dtest=ProtocolPageTest -Dublkdisk.write-pages=true")
                .hasContent(ProtocolPage.text());
    }

    @Test
    void everyWordInCapitalsIsExplainedAndNoneTooMuch() {
        Set<String> used = new TreeSet<>();
        for (Verb verb : Verb.values()) {
            Matcher words = PLACEHOLDER.matcher(verb.arguments() + " " + verb.answer());
            while (words.find()) {
                used.add(words.group());
            }
        }
        assertThat(used).isEqualTo(ProtocolPage.PLACEHOLDERS.keySet());
    }

    @Test
    void everyVerbSaysWhatItDoesInSentences() {
        for (Verb verb : Verb.values()) {
            assertThat(verb.about()).as(verb.word()).matches("[A-Z].*\\.");
            assertThat(verb.word()).matches("[a-z]+(-[a-z]+)*");
        }
    }
}
