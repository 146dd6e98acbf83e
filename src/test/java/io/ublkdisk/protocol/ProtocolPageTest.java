package io.ublkdisk.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.house.GeneratedPage;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProtocolPageTest {
    private static final Pattern PLACEHOLDER = Pattern.compile("(?<![a-z])[A-Z][A-Z0-9-]*");

    @Test
    void thePageIsWhatTheVerbsSay() throws IOException {
        GeneratedPage.assertIs("docs/reference/protocol.md", ProtocolPage.text(), getClass());
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
