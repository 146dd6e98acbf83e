package io.ublkdisk.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {
    @Property
    void readsBackWhatItJoined(@ForAll @Size(max = 6) List<String> words) throws ProtocolException {
        Words line = new Words(Words.join(words.toArray(String[]::new)));
        for (String word : words) {
            assertThat(line.next("a word")).isEqualTo(word);
        }
        line.end();
    }

    @Property
    void keepsAnyTextAtTheEndOfALine(@ForAll String verb, @ForAll String text) throws ProtocolException {
        Words line = new Words(Words.join(verb) + " " + Words.text(text));
        assertThat(line.next("a verb")).isEqualTo(verb);
        assertThat(line.rest()).isEqualTo(text);
        line.end();
    }

    @Property
    void survivesTheWireWhateverTheCharacters(@ForAll String text) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(Words.join(text) + "\n");
        LineBuffer.Frame frame = new LineBuffer().next(bytes);
        assertThat(frame.problem()).isNull();
        assertThat(frame.text()).isEqualTo(Words.join(text));
    }

    @Test
    void leavesTheSpacesOfATextAlone() {
        assertThat(Words.text("rule a:  on read fail IO")).isEqualTo("rule a:  on read fail IO");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\", "\\x", "\\u12", "\\u12g4", "abc\\"})
    void refusesAnEscapeThatIsNone(String raw) {
        assertThatThrownBy(() -> new Words(raw).next("a word")).isInstanceOf(ProtocolException.class);
    }

    @Test
    void saysWhatIsMissingAndWhatIsTooMuch() {
        assertThatThrownBy(() -> new Words("  ").next("a disk")).hasMessageContaining("a disk");
        assertThatThrownBy(() -> new Words("more of it").end()).hasMessageContaining("'more'");
    }
}
