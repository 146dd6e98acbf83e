package io.ublkdisk.junit.engine.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.junit.Entries;
import org.junit.jupiter.api.Test;

/** A rule that did not fire says why, by the requests that the disk got. */
class WhyNotFiredTest {
    private final Entries journal = new Entries();

    private String why(String rule) {
        return why(rule, 0);
    }

    private String why(String rule, long matched) {
        return WhyNotFired.of(new RuleReport("bad", matched, 0, "rule bad: " + rule), journal.all());
    }

    @Test
    void aReadThatThePageCacheAnswered() {
        journal.request(1, Operation.WRITE, 2048, 8);
        assertThat(why("on read sectors 2048..2055 fail IO"))
                .contains("no read reached the disk", "page cache", "evict()");
    }

    @Test
    void aReadBeforeTheRuleWasArmed() {
        journal.request(1, Operation.READ, 2048, 8);
        assertThat(why("on read sectors 2048..2055 fail IO"))
                .contains("the 1 read there came before it was armed", "page cache", "evict()");
    }

    @Test
    void otherSectors() {
        journal.request(1, Operation.READ, 0, 8).request(2, Operation.READ, 2032, 8);
        assertThat(why("on read sectors 2048..2055 fail IO"))
                .contains("of 2 reads that reached the disk none touched its sectors (the nearest: read 2032+8)");
    }

    @Test
    void dataThatDoesNotContainTheText() {
        journal.request(1, Operation.WRITE, 8, 8).request(2, Operation.WRITE, 16, 8);
        assertThat(why("on write containing \"commit 7;\" fail IO"))
                .contains("none of 2 writes contained that text", "compressed or encoded");
    }

    @Test
    void anotherCondition() {
        journal.request(1, Operation.WRITE, 8, 1);
        assertThat(why("on write size 4KiB.. fail IO")).contains("none of 1 write there was size 4KiB");
    }

    @Test
    void aWriteThatWasNotForced() {
        assertThat(why("on write fail IO")).contains("no write reached the disk", "force()");
        assertThat(why("on fua fail IO")).contains("no fua reached the disk", "force()");
        journal.request(1, Operation.WRITE, 8, 1);
        assertThat(why("on fua fail IO")).contains("no fua reached the disk");
        journal.request(2, Operation.WRITE, Request.FUA, 8, 1, BlockStatus.OK, "");
        assertThat(why("on fua fail IO")).contains("came before it was armed");
    }

    @Test
    void anotherRuleFailedTheRequestFirst() {
        journal.request(1, Operation.READ, 0, 8, 8, BlockStatus.MEDIUM, "first");
        assertThat(why("on read fail IO")).contains("rule 'first' failed read 8+8 before it");
    }

    @Test
    void countingLeftAllOut() {
        assertThat(why("on read nth 7 fail IO", 3)).contains("3 requests were in its scope", "nth");
    }

    @Test
    void aRuleThatWasNeverArmed() {
        assertThat(WhyNotFired.of(
                        new RuleReport("r", 0, 0, "at mark \"m\" rule r: on read fail IO  # waiting"), journal.all()))
                .contains("its moment did not come");
    }
}
