package io.ublkdisk.junit.engine.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.junit.Entries;
import io.ublkdisk.junit.FilePart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a failed test says of its disk: whether we did it, and what the reader needs besides. */
class VerdictTest {
    private static final Throwable EIO = new IOException("Input/output error");
    private static final Throwable ASSERTION = new AssertionError("expected: 1 but was: 2");

    private static List<String> lines(Entries entries, boolean powered, Throwable failure) {
        return lines(entries, powered, List.of(), failure);
    }

    private static List<String> lines(Entries entries, boolean powered, List<FilePart> files, Throwable failure) {
        List<Entry> events = entries.all();
        return Verdict.lines(
                new Verdict.Facts(events, 3_201_000_000L, false, powered, files, List.of(), List.of()), failure);
    }

    @Test
    void oneFaultIsTold() {
        Entries one = new Entries().fault("bad", 7, Operation.READ, 8742, 2, BlockStatus.IO, "fails with IO");
        assertThat(lines(one, true, EIO)).containsExactly("1 fault injected: read 8742+2 by rule bad (IO)");
    }

    @Test
    void aFaultThatFailsNothingIsToldWithWhatItChanged() {
        Entries one =
                new Entries().fault("rot", 7, Operation.READ, 8, 1, BlockStatus.OK, "sector 8 byte 17: 0x41 -> 0x61");
        assertThat(lines(one, true, ASSERTION))
                .containsExactly("1 fault injected: read 8+1 by rule rot (sector 8 byte 17: 0x41 -> 0x61)");
    }

    @Test
    void manyFaultsAreCountedByRuleAndTheLastIsTold() {
        Entries many = new Entries();
        for (int i = 0; i < 5; i++) {
            many.fault("bad", i + 1, Operation.READ, i, 1, BlockStatus.MEDIUM, "fails with MEDIUM");
        }
        many.fault("stuck", 9, Operation.FLUSH, 0, 0, BlockStatus.OK, "is held");
        assertThat(lines(many, true, EIO))
                .containsExactly(
                        "6 faults injected, 5 by rule bad, 1 by rule stuck; the last: flush by rule stuck (is held)");
    }

    @Test
    void anErrorWithoutFaultIsGenuine() {
        Entries none = new Entries().fault("probe", 1, Operation.READ, 0, 8, BlockStatus.OK, "noted");
        String genuine = "no fault injected: this error is genuine";
        assertThat(lines(none, true, EIO)).containsExactly(genuine);
        assertThat(lines(none, true, new IllegalStateException(new UncheckedIOException(new NoSuchFileException("a")))))
                .containsExactly(genuine);
        assertThat(lines(none, true, ASSERTION)).containsExactly("no fault injected");
    }

    @Test
    void anErrorAfterACutOrDamageOrWithoutPowerIsNotCalledGenuine() {
        String cut = "cut: 3 unflushed changes lost, 0 torn, 0 kept";
        assertThat(lines(new Entries().power(cut), true, EIO)).first().isEqualTo("no fault injected");
        assertThat(lines(new Entries().damage(8, 1, "flip: sector 8 byte 1: 0x00 -> 0x01"), true, EIO))
                .containsExactly(
                        "no fault injected", "bytes at rest were damaged: flip: sector 8 byte 1: 0x00 -> 0x01");
        assertThat(lines(new Entries(), false, EIO)).first().isEqualTo("no fault injected");
    }

    @Test
    void whatTheJournalHasForgottenIsNotDenied() {
        assertThat(Verdict.lines(new Verdict.Facts(List.of(), 0, true, true, List.of(), List.of(), List.of()), EIO))
                .singleElement()
                .asString()
                .contains("forgotten")
                .doesNotContain("genuine");
    }

    @Test
    void aCutSaysWhatItLostAndOfWhichFiles() {
        Entries cut = new Entries()
                .power("cut: 3 unflushed changes lost, 0 torn, 0 kept")
                .power("on");
        assertThat(lines(cut, true, List.of(new FilePart(Path.of("/mnt/a"), 0, 4095)), ASSERTION))
                .contains("the power cut lost 3 unflushed changes, of a (0..4095);"
                        + " what the kernel had not written yet is lost too");
        assertThat(lines(new Entries().power("cut: 1 unflushed changes lost, 2 torn, 0 kept"), true, ASSERTION))
                .anyMatch(line -> line.startsWith("the power cut lost 1 unflushed change, tore 2;"));
    }

    @Test
    void aCutThatFoundAnEmptyCacheSaysThatTheKernelsDataIsLost() {
        Entries cut = new Entries()
                .power("cut: 0 unflushed changes lost, 0 torn, 0 kept")
                .power("on");
        assertThat(lines(cut, true, ASSERTION))
                .contains(
                        "the power cut lost no change of the disk's cache; what the kernel had not written yet is lost too");
        Entries without = new Entries()
                .power(
                        "cut: the disk has no volatile cache, so nothing could be lost; 0 unflushed changes lost, 0 torn, 0 kept");
        assertThat(lines(without, true, ASSERTION)).anyMatch(line -> line.contains("no volatile cache"));
    }

    @Test
    void powerThatIsOffIsToldWithSinceWhen() {
        Entries cut = new Entries().power("cut: 0 unflushed changes lost, 0 torn, 0 kept");
        assertThat(lines(cut, false, EIO))
                .contains(
                        "the power of this disk is off since 3.2 s before this report was made: every request fails until"
                                + " powerOn()");
    }

    @Test
    void timesAreToldAsAPersonSaysThem() {
        assertThat(List.of(
                        Verdict.seconds(120_000_000),
                        Verdict.seconds(8_000_000_000L),
                        Verdict.seconds(3_250_000_000L),
                        Verdict.seconds(61_700_000_000L)))
                .containsExactly("120 ms", "8 s", "3.2 s", "61 s");
    }
}
