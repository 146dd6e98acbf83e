package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.backend.RequestDriver;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.script.Script;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Steps that happen when their moment has come, on a drive without a kernel. */
@Timeout(30)
class ScriptRunnerTest {
    private final Drive drive = Drive.builder().sizeBytes(1 << 20).seed(3).build();
    private final RequestDriver host = new RequestDriver(drive);
    private final ScriptRunner timeline = new ScriptRunner(drive);

    @AfterEach
    void close() {
        timeline.end();
        drive.close();
    }

    @Test
    void cutsThePowerBeforeTheThirdFlush() throws Exception {
        begin("at flush 3 power-cut");
        for (int i = 0; i < 2; i++) {
            write(BlockStatus.OK);
            assertThat(host.flush()).isEqualTo(BlockStatus.OK);
        }
        write(BlockStatus.OK);
        assertThat(host.flush()).isEqualTo(BlockStatus.IO);
        assertThat(drive.cache().isPowered()).isFalse();
        drive.cache().powerOn();
        assertThat(host.flush())
                .as("once, and not at the third flush after that")
                .isEqualTo(BlockStatus.OK);
        assertThat(timeline.reports()).hasToString("[at flush 3 power-cut  # done]");
    }

    @Test
    void givesThePowerBackForTheRequestThatItWaitedFor() throws Exception {
        begin("at write 1 power-cut\nat write 3 power-on");
        write(BlockStatus.IO);
        write(BlockStatus.IO);
        write(BlockStatus.OK);
    }

    @Test
    void armsAtAMarkAndSaysHowManyStepsWaited() throws Exception {
        begin("at mark \"loaded\" rule bad: on write fail IO\nat mark \"loaded\" rule other: on read note");
        write(BlockStatus.OK);
        assertThat(timeline.mark("laoded")).isZero();
        write(BlockStatus.OK);
        assertThat(timeline.mark("loaded")).isEqualTo(2);
        write(BlockStatus.IO);
        assertThat(timeline.mark("loaded")).as("the first time only").isZero();
    }

    @Test
    void aRuleIsInForceBetweenTwoMarks() throws Exception {
        begin("at mark \"from\" rule bad: on write fail IO\nat mark \"to\" clear bad");
        write(BlockStatus.OK);
        timeline.mark("from");
        write(BlockStatus.IO);
        write(BlockStatus.IO);
        timeline.mark("to");
        write(BlockStatus.OK);
    }

    @Test
    void armsAfterATime() throws Exception {
        begin("after 50ms rule bad: on write note\nafter 3600s power-cut");
        write(BlockStatus.OK);
        assertThat(TimeLimitedTask.until(
                        Duration.ofSeconds(10),
                        () -> drive.rules().report("bad").isPresent()))
                .isTrue();
        assertThat(timeline.reports().get(1).isDone()).isFalse();
    }

    @Test
    void doesAStepWhenARuleFiresForTheFirstTime() throws Exception {
        begin("rule second: on write nth 2 note\nwhen second fires rule bad: on write fail IO");
        write(BlockStatus.OK);
        write(BlockStatus.OK); // the new rule is for requests that arrive after it
        write(BlockStatus.IO);
        assertThat(drive.rules().reports()).extracting(RuleReport::name).containsExactly("second", "bad");
    }

    @Test
    void clearsAndReleases() throws Exception {
        begin("rule ro: on write nth 1 read-only\nat read 1 release ro\nat read 2 clear ro");
        write(BlockStatus.TARGET, BlockStatus.IO, BlockStatus.OFFLINE, BlockStatus.PROTECTION);
        host.read(0, new byte[512]);
        write(BlockStatus.OK);
        assertThat(drive.rules().report("ro")).isPresent();
        host.read(0, new byte[512]);
        assertThat(drive.rules().report("ro")).isEmpty();
    }

    @Test
    void saysWhatCouldNotBeDone() throws Exception {
        begin("rule a: on read note\nat write 1 power-cut\nat write 2 power-cut");
        write(BlockStatus.IO);
        write(BlockStatus.IO);
        assertThat(timeline.reports().get(1).state()).startsWith("not done: ").contains("off already");
    }

    @Test
    void forgetsItsStepsWhenItEnds() throws Exception {
        begin("at write 1 power-cut");
        timeline.end();
        write(BlockStatus.OK);
        assertThat(timeline.reports()).isEmpty();
    }

    @Test
    void beginsNothingOfAScriptThatTheDiskCannotRun() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> begin("rule far: on read sectors 5000 note\nat write 1 power-cut"));
        assertThat(timeline.reports()).isEmpty();
    }

    @Test
    void knowsTheWordsOfAPowerCut() {
        assertThat(survivors("none")).isEqualTo("none");
        assertThat(survivors("all")).isEqualTo("all");
        assertThat(survivors("random 0.5")).isEqualTo("random 0.5 seed 7");
        assertThat(survivors("first 3")).isEqualTo("first 3");
        assertThat(survivors("only 3..5,8")).isEqualTo("only 3..5,8");
        assertThat(survivors("all torn")).isEqualTo("all torn 1.0 LEFT rest OLD seed 7");
        assertThat(survivors("random 0.5 torn right zeroes"))
                .isEqualTo("random 0.5 seed 7 torn 1.0 RIGHT rest ZEROES seed 7");
        assertThat(survivors("all torn subset garbage")).isEqualTo("all torn 1.0 SUBSET rest GARBAGE seed 7");
        assertThat(survivors("all torn atomic 4KiB")).isEqualTo("all torn 1.0 LEFT rest OLD seed 7 atomic 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> survivors("all torn atomic 1000"))
                .withMessageContaining("write for instance atomic 4KiB");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> survivors("none torn"))
                .withMessageContaining("none is");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> survivors("randm 0.5"))
                .withMessageContaining("random");
    }

    private static String survivors(String text) {
        return ScriptRunner.survivalPolicy(Script.parseKeep(text), 7).toString();
    }

    private void begin(String script) {
        timeline.begin(Script.parse(script, "test"));
    }

    private void write(BlockStatus... oneOf) throws Exception {
        assertThat(host.write(0, new byte[512])).isIn((Object[]) oneOf);
    }
}
