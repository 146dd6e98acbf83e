package io.ublkdisk.disk;

import static io.ublkdisk.block.BlockStatus.OK;
import static io.ublkdisk.disk.DriveTest.sectors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a drive that lies about durability has after the power went. */
class DriveLieTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000); // the origin of a clock is arbitrary
    private final Drive drive =
            Drive.builder().sizeBytes(1 << 20).clock(now::get).build();
    private final Host host = new Host(drive);

    @AfterEach
    void closesWithoutLeaks() {
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    @Test
    void anHonestFlushMakesDurableWhatAnEarlierOneLiedAbout() {
        arm("on flush times 1 lie");
        host.write(0, sectors(8, 1));
        assertThat(host.flush()).isEqualTo(OK);
        host.write(8, sectors(8, 2));
        assertThat(host.flush()).isEqualTo(OK);
        assertThat(drive.cache().unflushed()).isEmpty();
        assertCutLeaves(0, 8, 1);
        assertCutLeaves(8, 8, 2);
    }

    @Test
    void isHonestAboutTheRestOfTheDisk() {
        arm("on flush lie about sectors 8..15");
        host.write(0, sectors(8, 1));
        host.write(12, sectors(8, 2)); // touches them: the whole write
        host.write(16, sectors(1, 3));
        host.flush();
        host.write(24, sectors(8, 4));
        assertThat(drive.cache().unflushed())
                .extracting(c -> c.sectors().first())
                .containsExactly(12L, 24L);
        drive.powerCut(SurvivalPolicy.none());
        drive.cache().powerOn();
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 1));
        assertThat(host.read(16, 1))
                .as("the newer write over the one that was lost")
                .isEqualTo(sectors(1, 3));
        assertThat(host.read(12, 4)).isEqualTo(sectors(4, 0));
        assertThat(host.read(17, 15)).isEqualTo(sectors(15, 0));
    }

    @Test
    void makesDurableLateWhatItPromised() {
        arm("rule lazy: on flush lie durable after 5s");
        host.write(0, sectors(8, 1));
        host.flush();
        host.write(8, sectors(8, 2));
        pass(Duration.ofMillis(4999));
        assertThat(drive.cache().unflushed()).hasSize(2);
        pass(Duration.ofMillis(1));
        assertThat(drive.requests().stats().unflushedWrites()).isEqualTo(1);
        assertCutLeaves(0, 8, 1);
        assertThat(host.read(8, 8)).as("the flush was not about that").isEqualTo(sectors(8, 0));
    }

    @Test
    void makesALateFuaWriteDurableAndNothingElse() {
        arm("rule lazy: on fua lie durable after 1s");
        host.write(0, sectors(8, 1));
        host.writeFua(8, sectors(8, 2));
        assertThat(drive.requests().stats().unflushedBytes()).isEqualTo(16 * 512);
        pass(Duration.ofSeconds(1));
        assertCutLeaves(8, 8, 2);
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 0));
    }

    @Test
    void keepsNoPromiseAcrossAPowerCut() {
        arm("rule lazy: on flush lie durable after 5s");
        host.write(0, sectors(8, 1));
        host.flush();
        drive.powerCut(SurvivalPolicy.none());
        drive.cache().powerOn();
        host.write(0, sectors(8, 2));
        pass(Duration.ofSeconds(10));
        assertThat(drive.cache().unflushed()).hasSize(1);
        assertCutLeaves(0, 8, 0);
    }

    @Test
    void twoLiesAddUp() {
        arm("on flush lie about sectors 0..7");
        arm("on flush lie about sectors 16..23 durable after 1s");
        host.write(0, sectors(8, 1));
        host.write(8, sectors(8, 2));
        host.write(16, sectors(8, 3));
        host.flush();
        assertThat(drive.cache().unflushed()).hasSize(2);
        pass(Duration.ofSeconds(1));
        assertThat(drive.cache().unflushed())
                .extracting(c -> c.sectors().first())
                .containsExactly(0L);
    }

    @Test
    void lettingGoOfAllSurvivorsKeepsWhatWasLiedAboutInOrder() {
        arm("on flush lie");
        host.write(0, sectors(8, 1));
        host.flush();
        host.write(0, sectors(8, 2));
        try (Drive image = drive.crashImage(SurvivalPolicy.first(1))) {
            assertThat(new Host(image).read(0, 8)).isEqualTo(sectors(8, 1));
        }
        try (Drive image = drive.crashImage(SurvivalPolicy.all())) {
            assertThat(new Host(image).read(0, 8)).isEqualTo(sectors(8, 2));
        }
    }

    @Test
    void refusesWhatHasNoMeaning(@TempDir Path folder) throws IOException {
        try (Drive honest = Drive.builder().sizeBytes(4096).volatileCache(false).build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> honest.rules().add(Script.parseRule("on flush lie")))
                    .withMessageContaining("no volatile cache")
                    .withMessageContaining("switch the cache on");
        }
        try (Drive onFile =
                Drive.builder().from(new BaseFile(folder.resolve("disk"), 8192)).build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> onFile.rules().add(Script.parseRule("on read stale")))
                    .withMessageContaining("stands on a file");
        }
    }

    private void arm(String rule) {
        drive.rules().add(Script.parseRule(rule));
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private void assertCutLeaves(int sector, int count, int content) {
        if (drive.cache().isPowered()) {
            drive.powerCut(SurvivalPolicy.none());
            drive.cache().powerOn();
        }
        assertThat(host.read(sector, count)).isEqualTo(sectors(count, content));
    }
}
