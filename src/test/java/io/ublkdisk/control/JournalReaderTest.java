package io.ublkdisk.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.protocol.JournalFields;
import io.ublkdisk.protocol.KeyValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Journals in files, read: whole, cut off, of others. */
class JournalReaderTest {
    private static final List<Entry> ENTRIES = List.of(
            new Entry(1, 10, Entry.Kind.REQUEST, 1, Operation.WRITE, 8192, 16, 8, BlockStatus.OK, 5, 2, "rot", ""),
            new Entry(2, 20, Entry.Kind.MARK, 0, null, 0, 0, 0, BlockStatus.OK, 0, 0, "", "two\nlines \\ é"));

    @TempDir
    Path folder;

    private static String text() {
        StringBuilder text = new StringBuilder(
                JournalFields.header(new KeyValues().put("name", "d").put("log-writes", "/x/log")) + "\n");
        ENTRIES.forEach(entry -> text.append(JournalFields.of(entry).line()).append('\n'));
        return text + "lost=7\n" + JournalFields.END + "\n";
    }

    private JournalReader read(String text) throws IOException {
        return JournalReader.read(Files.writeString(folder.resolve("journal"), text));
    }

    @Test
    void aWholeOneIsReadAndOneThatIsCutOffIsReadAsFarAsItGoes() throws IOException {
        JournalReader whole = read(text());
        assertThat(whole.entries()).isEqualTo(ENTRIES);
        assertThat(whole.lost()).isEqualTo(7);
        assertThat(whole.isWhole()).isTrue();
        assertThat(whole.about().text("log-writes")).contains("/x/log");
        JournalReader cut = read(text().substring(0, text().indexOf("kind=mark") + 3));
        assertThat(cut.entries()).isEqualTo(ENTRIES.subList(0, 1));
        assertThat(cut.isWhole()).isFalse();
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> read("")).hasMessageContaining("is no journal of ublkdisk: its first line");
        assertThatThrownBy(() -> read("#!/bin/sh\n")).hasMessageContaining("is no journal of ublkdisk");
        assertThatThrownBy(() -> read(text().replace("version=1", "version=2")))
                .hasMessageContaining("is a journal of version 2; this reads version 1");
        assertThatThrownBy(() -> read(text().replace("version=1 ", "")))
                .hasMessageContaining("is a journal of version none");
        assertThatThrownBy(() -> read(text().replace("kind=mark", "kind=bark")))
                .hasMessageContaining("is damaged in line 3: 'bark' is no kind of entry");
        assertThatThrownBy(() -> read(text() + "seq=1\n")).hasMessageContaining("line 6: something behind the end");
        assertThatThrownBy(() -> JournalReader.read(Files.write(folder.resolve("x"), new byte[] {(byte) 0xff, 10})))
                .hasMessageContaining("it is not UTF-8");
    }

    @Test
    void oneWithoutDataCannotBeReplayed() throws IOException {
        Path file = Files.writeString(folder.resolve("journal"), text().replace("log-writes=/x/log", ""));
        assertThatThrownBy(() -> ReplaySource.open(file))
                .hasMessageContaining("without the data of its writes")
                .hasMessageContaining("--log-writes");
    }

    /** Cut and changed anywhere: another journal, or an error that names the file. */
    @Property(tries = 500)
    void aDamagedOneIsAClearErrorOrAJournal(
            @ForAll @IntRange(max = 400) int cut, @ForAll @IntRange(max = 400) int at, @ForAll byte value)
            throws IOException {
        byte[] bytes = text().getBytes(StandardCharsets.UTF_8);
        byte[] damaged = Arrays.copyOf(bytes, Math.min(bytes.length, cut));
        if (at < damaged.length) {
            damaged[at] = value;
        }
        Path file = Files.createTempFile("journal", ".txt");
        try {
            Files.write(file, damaged);
            assertThat(JournalReader.read(file).entries()).hasSizeLessThanOrEqualTo(2);
        } catch (IOException e) {
            assertThat(e).hasMessageStartingWith(file + " ");
        } finally {
            Files.delete(file);
        }
    }
}
