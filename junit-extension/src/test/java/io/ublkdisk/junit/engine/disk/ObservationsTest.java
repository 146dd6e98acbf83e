package io.ublkdisk.junit.engine.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.junit.Entries;
import org.junit.jupiter.api.Test;

/** What is read out of the journal of a disk. */
class ObservationsTest {
    private static final String NOTHING = "cut: 0 unflushed changes lost, 0 torn, 0 kept";

    private final Entries journal = new Entries();

    @Test
    void requestsThatARuleHoldsOrDelaysAreToldWithTheirTime() {
        journal.fault("stuck", 12, Operation.FLUSH, 0, 0, BlockStatus.OK, "is held")
                .fault("slow", 13, Operation.READ, 40, 1, BlockStatus.OK, "waits 3600000000 us in all")
                .fault("slow", 14, Operation.READ, 48, 1, BlockStatus.OK, "waits 10 us in all")
                .request(14, Operation.READ, 48, 1);
        assertThat(Observations.waiting(journal.all(), 8_002_000_000L))
                .containsExactly(
                        "rule 'stuck' held request 12 (flush) for 8 s",
                        "rule 'slow' delayed request 13 (read 40+1) for 8 s");
    }

    @Test
    void aCutThatTookNothingIsOneAfterWhichTheKernelWroteNothing() {
        assertThat(Observations.everyCutFoundNothing(journal.all()))
                .as("no cut")
                .isFalse();
        journal.power(NOTHING)
                .request(1, Operation.WRITE, Request.FUA, 0, 2, BlockStatus.IO, "")
                .request(2, Operation.WRITE, Request.META, 0, 2, BlockStatus.IO, "")
                .power("on");
        assertThat(Observations.everyCutFoundNothing(journal.all())).isTrue();
        journal.power(NOTHING)
                .request(3, Operation.WRITE, 0, 80, 8, BlockStatus.IO, "")
                .power("on");
        assertThat(Observations.everyCutFoundNothing(journal.all()))
                .as("unwritten data")
                .isFalse();
    }

    @Test
    void aCutThatLostSomethingIsNoEmptyOne() {
        journal.power("cut: 0 unflushed changes lost, 0 torn, 2 kept").power("on");
        assertThat(Observations.everyCutFoundNothing(journal.all())).isFalse();
    }

    @Test
    void withoutPowerAtTheEndNothingIsSaid() {
        journal.power(NOTHING);
        assertThat(Observations.everyCutFoundNothing(journal.all())).isFalse();
    }

    @Test
    void damageMustBeReadAfterwards() {
        journal.request(1, Operation.READ, 8, 8).damage(8, 1, "flip").damage(80, 8, "zero");
        assertThat(Observations.damageWasNeverRead(journal.all())).isTrue();
        journal.request(2, Operation.READ, 9, 8);
        assertThat(Observations.damageWasNeverRead(journal.all()))
                .as("beside it")
                .isTrue();
        journal.request(3, Operation.READ, 64, 32);
        assertThat(Observations.damageWasNeverRead(journal.all())).isFalse();
    }
}
