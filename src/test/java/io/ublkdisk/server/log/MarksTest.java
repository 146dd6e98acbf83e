package io.ublkdisk.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.disk.Drive;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Marks, and which of them were set before a cut. */
class MarksTest {
    private final Drive drive = Drive.builder().sizeBytes(1 << 20).build();
    private final Marks marks = new Marks(drive);
    private final List<String> recorded = new ArrayList<>();

    @AfterEach
    void closesTheDrive() {
        drive.close();
    }

    private void set(String text) throws DiskException {
        marks.set(text, () -> recorded.add(text));
    }

    @Test
    void countsTheMarksBeforeTheLatestCut() throws DiskException {
        set("1");
        set("2");
        drive.powerCut(SurvivalPolicy.none());
        set("without power");
        assertThat(marks.atCut()).containsExactly("1", "2");
        drive.cache().powerOn();
        set("3");
        assertThat(marks.atCut()).containsExactly("1", "2");
        drive.powerCut(SurvivalPolicy.none());
        assertThat(marks.atCut()).containsExactly("1", "2", "3");
        assertThat(recorded).hasSize(4);
    }

    @Test
    void aMarkThatComesWithTheCutDoesNotCount() throws DiskException {
        marks.set("late", () -> drive.powerCut(SurvivalPolicy.none()));
        assertThat(marks.atCut()).isEmpty();
    }

    @Test
    void withoutACutThereAreNone() throws DiskException {
        set("1");
        assertThatThrownBy(marks::atCut).isInstanceOf(DiskException.class).hasMessageContaining("has not been cut");
        drive.powerCut(SurvivalPolicy.none());
        drive.cache().powerOn();
        marks.clear();
        assertThatThrownBy(marks::atCut).isInstanceOf(DiskException.class);
        set("2");
        drive.powerCut(SurvivalPolicy.none());
        assertThat(marks.atCut()).containsExactly("2");
    }

    @Test
    void refusesMarksAfterACutWhereThatIsAsked() throws DiskException {
        marks.stopAtCut();
        set("1");
        drive.powerCut(SurvivalPolicy.none());
        assertThatThrownBy(() -> set("2"))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("mark \"2\" is refused")
                .hasMessageContaining("the power of this disk was cut");
        drive.cache().powerOn();
        assertThatThrownBy(() -> set("3")).hasMessageContaining("though the power is back");
        marks.stopAtCut();
        set("4");
        assertThat(recorded).containsExactly("1", "4");
        assertThatThrownBy(() -> marks.set("5", () -> drive.powerCut(SurvivalPolicy.none())))
                .as("it came with the cut")
                .hasMessageContaining("refused");
        assertThat(marks.atCut()).containsExactly("1", "4");
    }

    @Test
    void stoppedWithoutPowerMarksAreRefusedAfterTheNextCut() throws DiskException {
        drive.powerCut(SurvivalPolicy.none());
        marks.stopAtCut();
        drive.cache().powerOn();
        set("1");
        drive.powerCut(SurvivalPolicy.none());
        assertThatThrownBy(() -> set("2")).hasMessageContaining("refused");
    }
}
