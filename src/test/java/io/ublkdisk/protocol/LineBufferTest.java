package io.ublkdisk.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LineBufferTest {
    private final LineBuffer lines = new LineBuffer();

    @Property
    void staysInStepAfterAnyBytes(
            @ForAll @Size(max = 300) byte[] garbage, @ForAll @IntRange(min = 1, max = 50) int chunkBytes) {
        byte[] good = "\nping\n".getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(garbage, garbage.length + good.length);
        System.arraycopy(good, 0, all, garbage.length, good.length);

        List<LineBuffer.Frame> frames = new ArrayList<>();
        LineBuffer buffer = new LineBuffer();
        for (int at = 0; at < all.length; at += chunkBytes) {
            ByteBuffer chunk = ByteBuffer.wrap(all, at, Math.min(chunkBytes, all.length - at));
            for (LineBuffer.Frame f = buffer.next(chunk); f != null; f = buffer.next(chunk)) {
                frames.add(f);
            }
        }

        long feeds = new String(all, StandardCharsets.ISO_8859_1)
                .chars()
                .filter(c -> c == '\n')
                .count();
        assertThat(frames).hasSize((int) feeds);
        assertThat(frames.get(frames.size() - 1).text()).isEqualTo("ping");
        assertThat(frames).allMatch(f -> (f.text() == null) != (f.problem() == null));
    }

    @Test
    void takesTheLongestLineAndNotOneByteMore() {
        assertThat(feed("a".repeat(LineBuffer.LIMIT_BYTES - 1) + "\n").text()).hasSize(LineBuffer.LIMIT_BYTES - 1);
        assertThat(feed("a".repeat(LineBuffer.LIMIT_BYTES)).problem()).contains("longer than 65536 bytes");
    }

    @Test
    void answersAnEndlessLineOnceAndThenGoesOn() {
        assertThat(feed("a".repeat(LineBuffer.LIMIT_BYTES)).problem()).isNotNull();
        for (int i = 0; i < 100; i++) {
            assertThat(feed("a".repeat(LineBuffer.LIMIT_BYTES))).isNull();
        }
        assertThat(feed("the end of it\nping\n").text()).isEqualTo("ping");
    }

    @Test
    void refusesControlCharactersAndWhatIsNotUtf8() {
        assertThat(feed("ping\0\n").problem()).contains("0x00 at byte 5");
        assertThat(feed("\u001b[2J\n").problem()).contains("0x1b at byte 1");
        assertThat(feed("ping\r\n").problem()).contains("0x0d at byte 5");
        assertThat(lines.next(ByteBuffer.wrap(new byte[] {'a', (byte) 0xc3, '\n'}))
                        .problem())
                .contains("not UTF-8");
        assertThat(feed("päng\n").text()).isEqualTo("päng");
    }

    @Test
    void knowsWhenItIsInTheMiddleOfALine() {
        assertThat(lines.midLine()).isFalse();
        assertThat(feed("dele")).isNull();
        assertThat(lines.midLine()).isTrue();
    }

    private LineBuffer.Frame feed(String text) {
        return lines.next(StandardCharsets.UTF_8.encode(text));
    }
}
