package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import io.ublkdisk.kernel.UblkElemHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitBatchTest {

    @Test
    void whatTheDriverDidNotTakeIsCommittedAgainBehindWhatHasEndedSince() throws Exception {
        try (CommitBatch sent = new CommitBatch(8, true);
                CommitBatch filling = new CommitBatch(8, true)) {
            for (int tag = 0; tag < 5; tag++) {
                sent.add(tag, 512 * tag, 0, 4096L * tag + 1);
            }
            filling.add(7, -5, 0, 7);
            sent.moveRest(2, filling);
            assertThat(sent.count()).isZero();
            assertThat(elements(filling)).containsExactly("7 -5 7", "2 1024 8193", "3 1536 12289", "4 2048 16385");
        }
    }

    @Test
    void whereTheDriverTookAllNothingIsLeft() throws Exception {
        try (CommitBatch sent = new CommitBatch(2, false);
                CommitBatch filling = new CommitBatch(2, false)) {
            sent.add(0, 0, 0, 0);
            sent.add(1, 0, 0, 0);
            sent.moveRest(2, filling);
            assertThat(sent.count()).isZero();
            assertThat(filling.count()).isZero();
            assertThat(filling.elementBytes()).isEqualTo(UblkElemHeader.BYTES);
        }
    }

    private static List<String> elements(CommitBatch batch) {
        ByteBuffer memory = new Pointer(batch.address())
                .getByteBuffer(0, (long) batch.count() * batch.elementBytes())
                .order(ByteOrder.nativeOrder());
        List<String> elements = new ArrayList<>();
        UblkElemHeader element = new UblkElemHeader();
        for (int i = 0; i < batch.count(); i++) {
            element.wrap(memory, i * batch.elementBytes());
            elements.add(element.tag() + " " + element.result() + " " + element.place());
        }
        return elements;
    }
}
