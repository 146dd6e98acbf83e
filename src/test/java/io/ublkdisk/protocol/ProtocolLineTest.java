package io.ublkdisk.protocol;

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

class ProtocolLineTest {
    @Property
    void readsBackWhatItJoined(@ForAll @Size(max = 6) List<String> words) throws ProtocolException {
        ProtocolLine line = new ProtocolLine(ProtocolLine.join(words.toArray(String[]::new)));
        for (String word : words) {
            assertThat(line.next("a word")).isEqualTo(word);
        }
        line.end();
    }

    @Property
    void keepsAnyTextAtTheEndOfALine(@ForAll String verb, @ForAll String text) throws ProtocolException {
        ProtocolLine line = new ProtocolLine(ProtocolLine.join(verb) + " " + ProtocolLine.text(text));
        assertThat(line.next("a verb")).isEqualTo(verb);
        assertThat(line.rest()).isEqualTo(text);
        line.end();
    }

    @Property
    void survivesTheWireWhateverTheCharacters(@ForAll String text) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(ProtocolLine.join(text) + "\n");
        LineBuffer.Frame frame = new LineBuffer().next(bytes);
        assertThat(frame.problem()).isNull();
        assertThat(frame.text()).isEqualTo(ProtocolLine.join(text));
    }

    @Test
    void leavesTheSpacesOfATextAlone() {
        assertThat(ProtocolLine.text("rule a:  on read fail IO")).isEqualTo("rule a:  on read fail IO");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\", "\\x", "\\u12", "\\u12g4", "abc\\"})
    void refusesAnEscapeThatIsNone(String raw) {
        assertThatThrownBy(() -> new ProtocolLine(raw).next("a word")).isInstanceOf(ProtocolException.class);
    }

    @Test
    void saysWhatIsMissingAndWhatIsTooMuch() {
        assertThatThrownBy(() -> new ProtocolLine("  ").next("a disk")).hasMessageContaining("a disk");
        assertThatThrownBy(() -> new ProtocolLine("more of it").end()).hasMessageContaining("'more'");
    }
}
