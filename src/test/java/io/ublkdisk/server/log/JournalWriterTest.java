package io.ublkdisk.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.backend.RequestDriver;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.control.JournalReader;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.script.Script;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is written down of a drive: in memory, in a file, in a recording of the JDK's Flight Recorder. */
@Timeout(60)
class JournalWriterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final Drive drive = Drive.builder().sizeBytes(1 << 20).seed(3).build();
    private final RequestDriver host = new RequestDriver(drive);
    private final JournalWriter journalWriter = new JournalWriter(drive, "/dev/ublkb7", 100);

    @AfterEach
    void close() {
        journalWriter.close();
        drive.close();
    }

    @Test
    void hasRequestsFaultsAndThePowerInOrder() throws Exception {
        arm("rule bad: on write nth 2 fail NOSPC");
        write(8);
        write(16);
        drive.powerCut(SurvivalPolicy.none());
        assertThat(entries())
                .extracting(
                        e -> e.kind().word() + " " + e.sector() + " " + e.status() + " " + e.rule() + " " + e.text())
                .containsExactly(
                        "request 8 OK  ",
                        "fault 16 NOSPC bad fails with NOSPC",
                        "request 16 NOSPC bad ",
                        "power 0 OK  cut: 1 unflushed changes lost, 0 torn, 0 kept");
    }

    @Test
    void keepsNoRequestsWhenItIsNotTo() throws Exception {
        try (Drive other = Drive.builder().sizeBytes(1 << 20).build();
                JournalWriter events = new JournalWriter(other, "d", 0)) {
            other.rules().addAll(List.of(Script.parseRule("rule bad: on flush fail IO")));
            new RequestDriver(other).flush();
            assertThat(events.journal().readAll(true).next(Duration.ZERO))
                    .extracting(Entry::kind)
                    .containsExactly(Entry.Kind.FAULT);
        }
    }

    @Test
    void everyEntryIsInTheFileAndReadsBack() throws Exception {
        Path file = folder.resolve("journal");
        journalWriter.alsoTo(file, new KeyValues().put("name", "d"));
        arm("rule rot: on write flip 1 bit");
        for (int i = 0; i < 60; i++) {
            write(8 * i);
        }
        journalWriter.journal().event(Entry.Kind.MARK, "two\nlines and a \\");
        List<Entry> expected = entries();
        journalWriter.close();
        assertThat(Files.readAllLines(file).get(0)).isEqualTo("ublkdisk-journal version=1 name=d");
        JournalReader read = JournalReader.read(file);
        assertThat(read.isWhole()).isTrue();
        assertThat(read.about().text("name")).contains("d");
        assertThat(read.entries()).isEqualTo(expected).hasSize(121);
    }

    @Test
    void aFileThatCannotBeWrittenEndsAndTheDiskGoesOn() throws Exception {
        List<String> said = new ArrayList<>();
        Log.to(said::add);
        journalWriter.alsoTo(Path.of("/dev/full"), new KeyValues());
        write(8);
        assertThat(TimeLimitedTask.until(PATIENCE, () -> entries().size() == 2)).isTrue();
        write(16);
        assertThat(entries()).extracting(e -> e.kind().word()).containsExactly("request", "journal", "request");
        assertThat(entries().get(1).text())
                .contains("/dev/full", "No space left on device")
                .isEqualTo(said.get(0));
    }

    @Test
    void aFlightRecordingHasEachFaultAndNoneWhenTheEventIsOff() throws Exception {
        arm("rule bad: on write sectors 16..23 fail NOSPC");
        try (Recording recording = new Recording()) {
            recording.enable("io.ublkdisk.Fault");
            recording.start();
            write(8);
            write(16);
            recording.stop();
            write(16);
            Path file = folder.resolve("faults.jfr");
            recording.dump(file);
            List<RecordedEvent> events = RecordingFile.readAllEvents(file);
            assertThat(events).hasSize(1);
            RecordedEvent fault = events.get(0);
            assertThat(fault.getEventType().getName()).isEqualTo("io.ublkdisk.Fault");
            assertThat(fault.getString("rule")).isEqualTo("bad");
            assertThat(fault.getString("effect")).isEqualTo("fail NOSPC");
            assertThat(fault.getString("operation")).isEqualTo("write");
            assertThat(fault.getLong("sector")).isEqualTo(16);
            assertThat(fault.getLong("length")).isEqualTo(4096);
            assertThat(fault.getString("device")).isEqualTo("/dev/ublkb7");
            assertThat(fault.getString("change")).isEqualTo("fails with NOSPC");
        }
    }

    private List<Entry> entries() {
        List<Entry> all = new ArrayList<>();
        try {
            var reader = journalWriter.journal().readAll(true);
            for (List<Entry> some = reader.next(Duration.ZERO); !some.isEmpty(); some = reader.next(Duration.ZERO)) {
                all.addAll(some);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return all;
    }

    private void arm(String rule) {
        drive.rules().addAll(List.of(Script.parseRule(rule)));
    }

    private void write(long sector) throws Exception {
        BlockStatus status = host.write(sector * 512, new byte[4096]);
        assertThat(status).isNotNull();
    }
}
