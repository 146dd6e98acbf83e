package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.Times.times;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.block.Operation;
import io.ublkdisk.control.FaultEvent;
import io.ublkdisk.control.JournalFollower;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rules come, go and are looked at while others use the disk. */
@Timeout(120)
class LiveFaultsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @UblkDisk(size = "1MiB", lenient = true)
    static Disk raw;

    @UblkDisk(size = "32MiB", mount = EXT4, lenient = true)
    static Disk disk;

    @AfterEach
    void clear() throws IOException {
        raw.faults().clear();
        disk.faults().clear();
        disk.powerOn();
    }

    /** Writes all the time, and counts the writes that ended as the rule forbids though they began after its call had returned. */
    private static final class Writer implements AutoCloseable {
        private volatile boolean mustFail;
        private volatile boolean mustPass = true;
        private volatile boolean over;
        private final CompletableFuture<String> thread = CompletableFuture.supplyAsync(this::write);
        private volatile long writes;

        private String write() {
            long wrong = 0;
            try (RawDevice device = new RawDevice(raw.device())) {
                for (; !over; writes++) {
                    boolean failing = mustFail;
                    boolean passing = mustPass;
                    boolean passed;
                    try {
                        device.write(0, new byte[512]);
                        passed = true;
                    } catch (IOException e) {
                        passed = false;
                    }
                    // One that a change has overtaken may end either way.
                    wrong += failing && mustFail && passed || passing && mustPass && !passed ? 1 : 0;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return wrong + " of them wrong";
        }

        /** Until that many more writes have begun. */
        void go(int count) {
            for (long until = writes + count; writes < until && !thread.isDone(); ) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            over = true;
            assertThat(thread.orTimeout(20, SECONDS).join()).isEqualTo("0 of them wrong");
        }
    }

    @Test
    void aCallReturnsWhenItsChangeIsInForce() {
        try (Writer writer = new Writer()) {
            for (int i = 0; i < 40; i++) {
                writer.go(3);
                writer.mustPass = false;
                if (i % 2 == 0) {
                    raw.faults().add("rule all: on write fail IO");
                } else {
                    raw.faults().add("rule all: on write note");
                    raw.faults().replace("rule all: on write fail NOSPC");
                }
                writer.mustFail = true;
                writer.go(3);
                writer.mustFail = false;
                switch (i % 3) {
                    case 0 -> raw.faults().remove("all");
                    case 1 -> raw.faults().clear();
                    default -> raw.faults().replace("rule all: on write note");
                }
                writer.mustPass = true;
                writer.go(3);
                raw.faults().clear();
            }
        }
    }

    @Test
    void aReleasedRuleIsOverWhenTheCallReturns() throws IOException {
        raw.faults().add("rule off: on write nth 1,3 disconnect");
        try (RawDevice device = new RawDevice(raw.device())) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> device.write(0, new byte[512])).hasMessageContaining("ENODEV");
                assertThatThrownBy(() -> device.read(0, 512)).hasMessageContaining("ENODEV");
                assertThat(raw.faults().release("off")).as("requests held").isZero();
                device.write(0, new byte[512]);
                assertThat(raw.faults().rules()).hasSize(1);
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> raw.faults().release("of"))
                .withMessageContaining("off");
    }

    @Test
    void aReplacedRuleKeepsItsNameAndHasFiredAllTheSame() throws IOException {
        raw.faults().add("rule r: on write fail NOSPC");
        try (RawDevice device = new RawDevice(raw.device())) {
            assertThatThrownBy(() -> device.write(0, new byte[512])).hasMessageContaining("ENOSPC");
            raw.faults().replace("rule r: on read fail MEDIUM");
            device.write(0, new byte[512]);
            raw.faults().verify("r").fired(times(0));
            assertThatThrownBy(() -> device.read(0, 512)).hasMessageContaining("ENODATA");
        }
        for (String bad : List.of("on read fail MEDIUM", "rule other: on read fail IO", "rule r: on raed fail IO")) {
            assertThatIllegalArgumentException().isThrownBy(() -> raw.faults().replace(bad));
        }
        assertThat(raw.faults().rules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.text()).isEqualTo("rule r: on read fail MEDIUM"));
    }

    private static CompletableFuture<Void> forcing(String name) {
        return CompletableFuture.runAsync(() -> {
            try (FileChannel file = FileChannel.open(disk.path(name), CREATE, WRITE)) {
                file.write(ByteBuffer.wrap("a record".getBytes()));
                file.force(true);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Test
    void aBreakpointShowsTheRequestAndLetsItGo() throws Exception {
        disk.faults().add("rule stuck: on write containing \"a record\" times 1 hold");
        assertThatThrownBy(() -> disk.faults().awaitHeld("stuck", Duration.ofMillis(20)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("holds none")
                .hasMessageContaining("no request was in its scope");
        CompletableFuture<Void> writer = forcing("released");
        Breakpoint stuck = disk.faults().awaitHeld("stuck", PATIENCE);
        HeldRequest request = stuck.requests().get(0);
        assertThat(request.operation()).isEqualTo(Operation.WRITE);
        assertThat(request.lengthBytes()).as("one block").isBetween(512L, 4096L);
        assertThat(writer).isNotDone();
        assertThat(stuck.release()).isEqualTo(1);
        writer.get(20, SECONDS);
        assertThat(stuck.requests()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.faults().held("stuk"))
                .withMessageContaining("stuck");
    }

    @Test
    void aBreakpointFailsTheRequest() throws Exception {
        disk.faults().add("rule stuck: on write containing \"a record\" hold");
        CompletableFuture<Void> writer = forcing("failed");
        Breakpoint stuck = disk.faults().awaitHeld("stuck", PATIENCE);
        assertThatIllegalArgumentException().isThrownBy(() -> stuck.fail(BlockStatus.OK));
        assertThat(stuck.fail(BlockStatus.NOSPC)).isEqualTo(1);
        assertThatThrownBy(() -> writer.get(20, SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("No space left");
    }

    @Test
    void aBreakpointIsAPlaceToCutThePower() throws Exception {
        forcing("before").get(20, SECONDS);
        disk.faults().add("rule commit: on fua hold");
        CompletableFuture<Void> writer = forcing("cut");
        Breakpoint commit = disk.faults().awaitHeld("commit", PATIENCE);
        commit.powerOff();
        assertThatThrownBy(() -> writer.get(20, SECONDS)).hasMessageContaining("Input/output error");
        assertThatThrownBy(disk::powerOff).isInstanceOf(IllegalStateException.class);
        disk.faults().clear();
        disk.powerOn();
        assertThat(disk.path("before")).hasContent("a record");
        assertThat(disk.path("cut")).as("its commit never arrived").doesNotExist();
    }

    @Test
    void aListenerHearsEveryFaultOfARequestThatBeganAfterItsCall() throws Exception {
        BlockingQueue<FaultEvent> heard = new LinkedBlockingQueue<>();
        try (RawDevice device = new RawDevice(raw.device())) {
            raw.faults().add("rule bad: on write sectors 8..15 fail MEDIUM");
            assertThatThrownBy(() -> device.write(4096, new byte[512])).isInstanceOf(IOException.class);
            JournalFollower listening = raw.faults().onFault(heard::add);
            for (int i = 0; i < 3; i++) {
                long sector = 8 + i;
                assertThatThrownBy(() -> device.write(sector * 512, new byte[512]))
                        .isInstanceOf(IOException.class);
                FaultEvent fault = heard.poll(20, TimeUnit.SECONDS);
                assertThat(fault.rule()).isEqualTo("bad");
                assertThat(fault.sector()).isEqualTo(sector);
                assertThat(fault.status()).isEqualTo(BlockStatus.MEDIUM);
            }
            listening.close();
            assertThatThrownBy(() -> device.write(4096, new byte[512])).isInstanceOf(IOException.class);
        }
        assertThat(heard).as("nobody listens any more").isEmpty();
    }

    /** Both errors look the same to the program; the disk knows which was its own. */
    @Test
    void anInjectedErrorIsToldFromAGenuineOne() throws Exception {
        int before = disk.faults().fired().size();
        disk.powerOff(); // no rule: an error as genuine as it gets
        IOException genuine = errorOf(() -> forcing("genuine").get(20, SECONDS));
        assertThat(disk.faults().fired()).hasSize(before);
        disk.powerOn();
        disk.faults().add("rule ours: on write containing \"a record\" fail IO");
        IOException injected = errorOf(() -> forcing("injected").get(20, SECONDS));
        assertThat(injected.getMessage()).isEqualTo(genuine.getMessage());
        List<FaultEvent> fired = disk.faults().fired();
        assertThat(fired.subList(before, fired.size())).singleElement().satisfies(fault -> {
            assertThat(fault.rule()).isEqualTo("ours");
            assertThat(fault.operation()).isEqualTo(Operation.WRITE);
            assertThat(fault.status()).isEqualTo(BlockStatus.IO);
            assertThat(fault.request()).isPositive();
        });
    }

    private interface Io {
        void run() throws Exception;
    }

    private static IOException errorOf(Io io) throws Exception {
        try {
            io.run();
        } catch (ExecutionException e) {
            return ((UncheckedIOException) e.getCause()).getCause();
        }
        throw new AssertionError("it succeeded");
    }
}
