package io.ublkdisk.disk;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.disk.DriveTest.sectors;
import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static io.ublkdisk.fault.effect.FlipEffect.flip;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.disk.Host.OneRequest;
import io.ublkdisk.fault.FaultListener;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.script.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a drive tells those who watch it, of every effect. */
class DriveWitnessTest implements RequestListener, FaultListener {
    private final Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build();
    private final Host host = new Host(drive);
    private final List<String> seen = new ArrayList<>();
    private long arrived;

    @Override
    public long arrived(Request request) {
        return ++arrived;
    }

    @Override
    public void ended(Request request, long number, long arrivedNanos, BlockStatus status, long epoch, String rule) {
        seen.add(number + " " + request.operation().word() + " " + status + " epoch " + epoch
                + (rule.isEmpty() ? "" : " " + rule));
    }

    @Override
    public void fired(Rule rule, Request request) {}

    @Override
    public void applied(Request request, long number, Rule rule, BlockStatus status, String change) {
        seen.add(number + " " + rule.name() + " " + status + ": " + change);
    }

    @Override
    public void power(String text) {
        seen.add("power " + text);
    }

    @BeforeEach
    void watch() {
        drive.listen(this, this);
    }

    @AfterEach
    void close() {
        drive.close();
    }

    @Test
    void everyRequestEndsOnceWithItsEpoch() {
        host.write(0, sectors(8, 1));
        host.flush();
        host.read(0, 8);
        host.discard(0, 8);
        host.writeZeroes(0, 8);
        host.send(Operation.READ, 0, 1 << 20, 1);
        assertThat(seen)
                .containsExactly(
                        "1 write OK epoch 0",
                        "2 flush OK epoch 1",
                        "3 read OK epoch 1",
                        "4 discard OK epoch 1",
                        "5 write-zeroes OK epoch 1",
                        "6 read IO epoch 1");
    }

    @Test
    void theLinkSaysWhatItDoes() {
        arm("on read fail MEDIUM");
        host.send(Operation.READ, 0, 8, 1);
        arm("on write fail IO after 3 sectors");
        host.write(8, sectors(8, 1));
        arm("on flush delay 7ms");
        OneRequest flush = host.send(Operation.FLUSH, 0, 0, 0);
        assertThat(seen)
                .containsExactly(
                        "1 it MEDIUM: fails with MEDIUM",
                        "1 read MEDIUM epoch 0 it",
                        "2 it IO: fails with IO when 3 of its 8 sectors have arrived",
                        "2 write IO epoch 0 it",
                        "3 it OK: waits 7000 us in all");
        flush.goOn();
        assertThat(seen).last().isEqualTo("3 flush OK epoch 1 it");
        seen.clear();
        arm("on flush delay 7ms");
        drive.rules().add(Script.parseRule("rule bad: on flush fail IO"));
        host.send(Operation.FLUSH, 0, 0, 0).goOn();
        assertThat(seen)
                .containsExactly("4 it OK: waits 7000 us in all", "4 bad IO: fails with IO", "4 flush IO epoch 2 it");

        seen.clear();
        arm("on write hold");
        OneRequest write = host.send(Operation.WRITE, 0, 0, 1);
        drive.link().failHeld("it", IO);
        write.goOn();
        arm("on any disconnect");
        host.flush();
        assertThat(seen)
                .containsExactly(
                        "5 it OK: is held",
                        "5 write IO epoch 2 it",
                        "6 it OFFLINE: fails with OFFLINE",
                        "6 flush OFFLINE epoch 3 it");
    }

    @Test
    void theMediaSaysWhichBytesAndWhichSectors() {
        arm("on write sectors 9 set 0xff 1 bytes at 2");
        host.write(8, sectors(2, 1));
        assertThat(seen.get(0)).isEqualTo("1 it OK: sector 9 byte 2: 0x01 -> 0xff; 1 byte in all");
        arm("on read flip 20 bits");
        host.read(8, 1);
        assertThat(seen.get(2)).matches("2 it OK: sector 8 byte (\\d+: 0x.. -> 0x..(, )?){8}; (1\\d|20) bytes in all");
        seen.clear();
        arm("on write lose");
        host.write(8, sectors(2, 2));
        arm("on write tear keep 3 sectors");
        host.write(8, sectors(8, 2));
        arm("on write misdirect by 8");
        host.write(8, sectors(2, 3));
        arm("on read misdirect by 8");
        host.read(8, 1);
        arm("on read sectors 9 stale");
        host.write(8, sectors(2, 4));
        host.read(8, 3);
        arm("on flush lie");
        host.flush();
        assertThat(seen.stream().filter(line -> line.contains(": ")))
                .containsExactly(
                        "3 it OK: sectors 8..9 did not arrive",
                        "4 it OK: sectors 11..15 did not arrive",
                        "5 it OK: sectors 8..9 went to 16..17",
                        "6 it OK: sectors 8 came from 16",
                        "8 it OK: sectors 9 as before they were last changed",
                        "9 it OK: acknowledged, and not made durable");
    }

    @Test
    void aFaultThatTheRequestDidNotLiveToMeetIsNotTold() {
        drive.rules().add(Rule.on(Kind.READ).effect(delay(Duration.ofMillis(1))).named("slow"));
        drive.rules().add(Rule.on(Kind.READ).effect(flip(1)).named("rot"));
        OneRequest read = host.send(Operation.READ, 0, 8, 1);
        drive.powerCut(SurvivalPolicy.none());
        read.goOn();
        assertThat(seen)
                .containsExactly(
                        "1 slow OK: waits 1000 us in all",
                        "power cut: 0 unflushed changes lost, 0 torn, 0 kept",
                        "1 read IO epoch 0 slow");
        drive.cache().powerOn();
        drive.cache().powerOn();
        assertThat(seen).last().isEqualTo("power on");
        assertThat(seen).hasSize(4);
        drive.rules().add(Script.parseRule("rule astray: on read misdirect by 8"));
        OneRequest again = host.send(Operation.READ, 0, 8, 1);
        drive.powerCut(SurvivalPolicy.none());
        again.goOn();
        assertThat(seen).noneMatch(line -> line.contains("astray OK"));
    }

    private void arm(String rule) {
        drive.rules().clear();
        drive.rules().add(Script.parseRule("rule it: " + rule));
    }
}
