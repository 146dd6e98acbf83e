package io.ublkdisk.disk;

import static io.ublkdisk.disk.DriveTest.sectors;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.script.Script;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Damage that changes nothing is no damage: a rule about bytes has fired exactly when a byte is another one because of it. */
class FiredMeansChangedTest {
    private static final int SECTORS = 64;

    /** Contents of which many are equal, and equal to what effects write. */
    record Try(String effect, Operation operation, int sector, int count, byte[] before, byte[] earlier, byte[] data) {
        @Override
        public String toString() {
            return effect + " on " + operation.word() + " " + sector + "+" + count;
        }
    }

    @Property(tries = 3_000)
    void hasFiredWhenSomethingIsOtherThanWithoutIt(@ForAll("tries") Try one) {
        byte[] right = outcome(one, "on discard sectors 63 note");
        byte[] found = outcome(one, "rule it: on " + one.operation.word() + " " + one.effect);
        assertThat(fired).isEqualTo(Arrays.equals(right, found) ? 0 : 1);
    }

    private long fired;

    /** What a program sees: the bytes that it reads, and after a change all of the disk. */
    private byte[] outcome(Try one, String rule) {
        try (Drive drive = Drive.builder().sizeBytes(SECTORS * 512).seed(42).build()) {
            Host host = new Host(drive);
            drive.rules().add(Script.parseRule("rule keeper: on read sectors " + (SECTORS - 1) + " nth 9 stale"));
            host.write(0, one.earlier);
            host.write(0, one.before);
            drive.rules().add(Script.parseRule(rule));
            host.send(Operation.FLUSH, 0, 0, 0);
            byte[] seen;
            if (one.operation == Operation.READ) {
                seen = host.read(one.sector, one.count);
            } else {
                byte[] data = Arrays.copyOf(one.data, one.count * 512);
                BlockStatus status = one.operation == Operation.WRITE
                        ? host.write(one.sector, data)
                        : host.send(one.operation, 0, one.sector, one.count).status();
                assertThat(status).isEqualTo(BlockStatus.OK);
                seen = null;
            }
            fired = drive.rules().report("it").map(RuleReport::fired).orElse(0L);
            assertThat(drive.requests().stats().faultsInjected())
                    .as("the disk counts what the rule does")
                    .isEqualTo(fired);
            drive.rules().clear();
            return seen == null ? host.readAll() : seen;
        }
    }

    @Provide
    Arbitrary<Try> tries() {
        Arbitrary<byte[]> contents = Arbitraries.of((byte) 0, (byte) 0, (byte) 0x55)
                .array(Byte[].class)
                .ofSize(SECTORS)
                .map(values -> {
                    byte[] bytes = new byte[SECTORS * 512];
                    for (int i = 0; i < SECTORS; i++) {
                        Arrays.fill(bytes, i * 512, (i + 1) * 512, values[i]);
                    }
                    return bytes;
                });
        Arbitrary<String[]> effects = Arbitraries.of(
                        "flip 1 bit:read,write",
                        "garbage:read,write",
                        "garbage 1 byte at 0 transient:read,write",
                        "garbage 2 bytes:read,write",
                        "set 0x55:read,write",
                        "set 0x55 1 byte:read,write",
                        "zero:read,write",
                        "zero 8 bytes at 8:read,write",
                        "lose:write,discard,write-zeroes",
                        "tear keep 1 sector:write",
                        "tear keep last 1 sector rest zero:write",
                        "tear keep sectors 0,2 rest garbage:write",
                        "misdirect by 8:read,write",
                        "misdirect by -60:read,write",
                        "stale:read")
                .flatMap(line -> Arbitraries.of(line.split(":")[1].split(","))
                        .map(operation -> new String[] {line.split(":")[0], operation}));
        return Combinators.combine(
                        effects,
                        Arbitraries.integers().between(0, SECTORS - 2),
                        Arbitraries.integers().between(1, 8),
                        contents,
                        contents,
                        contents)
                .as((effect, sector, count, before, earlier, data) -> new Try(
                        effect[0],
                        Operation.valueOf(effect[1].toUpperCase().replace('-', '_')),
                        sector,
                        Math.min(count, SECTORS - 1 - sector),
                        before,
                        earlier,
                        data));
    }

    /** The finding: of 3,000 reads 12 to 17 kept the byte and were counted. */
    @Test
    void garbageOfOneByteIsAnotherByteEachTime() {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build()) {
            Host host = new Host(drive);
            drive.rules().add(Script.parseRule("rule ray: on read garbage 1 byte at 0 transient"));
            int changed = 0;
            for (int i = 0; i < 3_000; i++) {
                host.write(i % 256, sectors(1, i));
                changed += host.read(i % 256, 1)[0] != (byte) i ? 1 : 0;
            }
            assertThat(changed).isEqualTo(3_000);
            assertThat(drive.rules().report("ray").orElseThrow().fired()).isEqualTo(3_000);
        }
    }

    /** {@code times 1} is one time that a byte changes, and not one try. */
    @Test
    void whatChangedNothingIsNotOneOfTheTimes() {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build()) {
            Host host = new Host(drive);
            drive.rules().add(Script.parseRule("rule it: on write times 1 set 0x55"));
            host.write(0, sectors(1, 0x55));
            host.write(1, sectors(1, 1));
            host.write(2, sectors(1, 1));
            assertThat(host.read(0, 3)).startsWith(0x55).endsWith(1);
            assertThat(host.read(1, 1)).startsWith(0x55);
            RuleReport report = drive.rules().report("it").orElseThrow();
            assertThat(report.matched()).isEqualTo(3);
            assertThat(report.fired()).isEqualTo(1);
        }
    }

    /** The bytes are there already, and yet something is amiss: they are not durable, as the program was told. */
    @Test
    void aForcedWriteOfTheSameBytesThatIsLostHasFired() {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build()) {
            Host host = new Host(drive);
            host.write(0, sectors(1, 1));
            drive.rules().add(Script.parseRule("rule it: on write lose"));
            host.writeFua(0, sectors(1, 1));
            assertThat(drive.rules().report("it").orElseThrow().fired()).isEqualTo(1);
            drive.powerCut(SurvivalPolicy.none());
            drive.cache().powerOn();
            assertThat(host.read(0, 1)).isEqualTo(sectors(1, 0));
        }
    }

    /** A request that did not live to meet the fault has not met it, and the time of {@code for} has not begun. */
    @Test
    void whatAPowerCutForestalledHasNotFired() {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build()) {
            Host host = new Host(drive);
            drive.rules().add(Script.parseRule("rule stuck: on read hold"));
            drive.rules().add(Script.parseRule("rule rot: on read times 1 flip 1 bit"));
            Host.OneRequest read = host.send(Operation.READ, 0, 0, 1);
            assertThat(drive.rules().report("rot").orElseThrow().fired()).isZero();
            drive.powerCut(SurvivalPolicy.none());
            read.goOn();
            assertThat(read.status()).isEqualTo(BlockStatus.IO);
            assertThat(drive.rules().report("rot").orElseThrow().fired()).isZero();
            drive.cache().powerOn();
            drive.rules().remove("stuck");
            host.read(0, 1);
            assertThat(drive.rules().report("rot").orElseThrow().fired()).isEqualTo(1);
        }
    }

    /** A step that waits for damage is done when it has happened, and before the program is told. */
    @Test
    void theListenerIsToldWhenTheBytesHaveChanged() {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build()) {
            Host host = new Host(drive);
            List<Byte> told = new ArrayList<>();
            drive.rules().onFired((rule, request) -> {
                told.add(request.data().get(0));
                drive.powerCut(SurvivalPolicy.all());
            });
            drive.rules().add(Script.parseRule("rule it: on write set 0x55"));
            host.write(0, sectors(1, 0x55));
            assertThat(told).isEmpty();
            assertThat(host.write(1, sectors(1, 1))).as("the power has gone").isEqualTo(BlockStatus.IO);
            assertThat(told).containsExactly((byte) 0x55);
            drive.cache().powerOn();
            assertThat(host.read(1, 1)).isEqualTo(sectors(1, 0x55));
        }
    }

    /** Rules that speak of a rule about bytes mean what has happened. */
    @Test
    void whileAndSinceMeanDamageThatHasHappened() {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build()) {
            Host host = new Host(drive);
            drive.rules().add(Script.parseRule("rule torn: on write times 1 tear keep 1 sector"));
            drive.rules().add(Script.parseRule("rule after: on write since torn nth 1 fail IO"));
            assertThat(host.write(0, sectors(4, 0))).as("tears nothing").isEqualTo(BlockStatus.OK);
            assertThat(host.write(0, sectors(4, 1))).as("is torn").isEqualTo(BlockStatus.OK);
            assertThat(host.write(0, sectors(4, 2))).as("is the first since").isEqualTo(BlockStatus.IO);
            assertThat(host.send(Operation.WRITE, Request.FUA, 0, 4).status()).isEqualTo(BlockStatus.OK);
        }
    }
}
