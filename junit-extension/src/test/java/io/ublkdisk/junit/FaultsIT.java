package io.ublkdisk.junit;

import static io.ublkdisk.fault.effect.FailEffect.fail;
import static io.ublkdisk.junit.DiskAssertions.assertThat;
import static io.ublkdisk.junit.Times.atLeast;
import static io.ublkdisk.junit.Times.times;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rules from the annotation, from text and from Java reach the disk, and what they did can be verified. */
@Timeout(60)
class FaultsIT {
    private static final int BAD_SECTOR = 16;

    @UblkDisk(size = "1MiB", lenient = true)
    Disk disk;

    private RawDevice device;

    @BeforeEach
    void open() throws IOException {
        device = new RawDevice(disk.device());
        device.write(0, Bytes.of(1, 1 << 20));
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void aRuleFromTheAnnotation(
            @UblkDisk(size = "1MiB", faults = "classpath:faults/bad-sector.fault", seed = 5) Disk bad)
            throws IOException {
        try (RawDevice badDevice = new RawDevice(bad.device())) {
            assertThatThrownBy(() -> badDevice.read(BAD_SECTOR * 512, 512)).hasMessageContaining("ENODATA");
            assertThat(badDevice.read((BAD_SECTOR - 1) * 512, 512)).containsOnly(0);
        }
        bad.faults().verify("bad").fired(times(1));
    }

    @Test
    void aRuleInWordsHitsItsSectorAndNoNeighbour() throws IOException {
        String name = disk.faults().add("on read sectors 16..23 fail MEDIUM");
        assertThatThrownBy(() -> device.read(BAD_SECTOR * 512, 512)).hasMessageContaining("ENODATA");
        assertThat(device.read(15 * 512, 512)).isEqualTo(sectors(15));
        assertThat(device.read(24 * 512, 512)).isEqualTo(sectors(24));
        assertThat(disk).hasFired(name, times(1));
    }

    @Test
    void aRuleBuiltInJava() throws IOException {
        disk.faults()
                .add(Rule.on(Kind.WRITE).nth(2).effect(fail(BlockStatus.NOSPC)).named("full"));
        device.write(0, new byte[512]);
        assertThatThrownBy(() -> device.write(512, new byte[512])).hasMessageContaining("ENOSPC");
        device.write(512, new byte[512]);
        assertThat(disk).hasFired("full").hasFired("full", atLeast(1));
        assertThat(disk.faults().rules()).singleElement().satisfies(rule -> {
            assertThat(rule.text()).contains("on write nth 2 fail NOSPC");
            assertThat(rule.fired()).isEqualTo(1);
        });
    }

    @Test
    void anUnnamedRuleGetsAName() {
        assertThat(disk.faults().add("on read fail IO")).isEqualTo("rule-1");
    }

    @Test
    void flippedBitsAreTheSameAtEveryRead() throws IOException {
        disk.faults().add("rule rot: on read sectors 16 flip 3 bits");
        byte[] first = device.read(BAD_SECTOR * 512, 512);
        byte[] second = device.read(BAD_SECTOR * 512, 512);
        assertThat(first).isNotEqualTo(sectors(BAD_SECTOR)).isEqualTo(second);
        disk.faults().remove("rot");
        assertThat(device.read(BAD_SECTOR * 512, 512)).as("healed").isEqualTo(sectors(BAD_SECTOR));
        disk.faults().verify("rot").fired(times(2));
    }

    @Test
    void aDelayIsFeltByItsOwnRequestOnly() throws Exception {
        disk.faults().add("rule slow: on read sectors 16 delay 1500ms");
        CompletableFuture<byte[]> slow = CompletableFuture.supplyAsync(() -> {
            try (RawDevice other = new RawDevice(disk.device())) {
                return other.read(BAD_SECTOR * 512, 512);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        disk.faults().verify("slow").awaitFired(Duration.ofSeconds(20));
        device.read(0, 512);
        assertThat(slow.isDone()).as("the other read was faster than 1.5 s").isFalse();
        assertThat(slow.get(30, TimeUnit.SECONDS)).isEqualTo(sectors(BAD_SECTOR));
    }

    @Test
    void clearedRulesAreGoneAtOnce() throws IOException {
        disk.faults().add("rule all: on any fail IO");
        assertThatThrownBy(() -> device.read(0, 512)).hasMessageContaining("EIO");
        disk.faults().clear();
        assertThat(device.read(0, 512)).isEqualTo(sectors(0));
        assertThat(disk.faults().rules()).isEmpty();
        disk.faults().verify("all").fired(times(1));
    }

    @Test
    void aStatementThatDoesNotHoldSaysWhatHappened() throws IOException {
        disk.faults().add("rule bad: on read sectors 16..23 fail MEDIUM");
        device.read(0, 512);
        assertThatThrownBy(() -> disk.faults().verify("bad").fired())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("rule 'bad' should have fired at least 1 time, but fired 0 times")
                .hasMessageContaining("no request was in its scope")
                .hasMessageContaining("on read sectors 16..23 fail MEDIUM");
        assertThatThrownBy(() -> disk.faults().verify("bad").awaitFired(Duration.ofMillis(50)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("within 50 ms");
        assertThatThrownBy(() -> device.read(BAD_SECTOR * 512, 512)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disk.faults().verify("bad").neverFired())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("should never have fired, but fired 1 time;");
        assertThatThrownBy(() -> assertThat(disk).hasInjectedNothing())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("injected 1");
    }

    @Test
    void whatCannotBeIsRefusedAndChangesNothing() {
        disk.faults().add("rule bad: on read sectors 16..23 fail MEDIUM");
        assertThatThrownBy(() -> disk.faults().add("on raed fail IO"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("column 4");
        assertThatThrownBy(() -> disk.faults().add("on read sectors 2048 fail IO"))
                .hasMessageContaining("past the end");
        assertThatThrownBy(() -> disk.faults().add("rule bad: on write fail IO"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bad");
        assertThatThrownBy(() -> disk.faults().remove("bda"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no rule 'bda'; it has bad");
        assertThatThrownBy(() -> disk.faults().verify("good")).hasMessageContaining("it has bad");
        assertThat(disk.faults().rules()).hasSize(1);
    }

    private static byte[] sectors(int first) {
        return Arrays.copyOfRange(Bytes.of(1, 1 << 20), first * 512, first * 512 + 512);
    }
}
