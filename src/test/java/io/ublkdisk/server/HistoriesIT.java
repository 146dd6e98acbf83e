package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Several threads at once on a real device, past the page cache, and somewhere on the way the power goes: what each was told fits
 * the model of a drive, a register for each sector, and so does what is left ({@link History}); with that the next history begins.
 *
 * <p>A durable write ({@code O_DSYNC}) of a raw device is a write with FUA and behind it a flush, so that a drive that ignores
 * FUA is not found out here, but by {@link FilesystemCutsIT}.
 *
 * <p>200 histories on any day, five times as many with {@code -Dublkdisk.all=true}.
 */
class HistoriesIT {
    private static final int HISTORIES_A_TRY = Boolean.getBoolean("ublkdisk.all") ? 5 : 1;
    private static final List<String> KEEP =
            List.of("none", "all", "random 0.5", "random 0.5 torn subset", "all torn", "all torn right", "first 3");

    private static final long START_NANOS = System.nanoTime();
    private static final AtomicInteger PROMISES = new AtomicInteger();
    private static final AtomicInteger LOST = new AtomicInteger();
    private static RemoteDisk disk;
    private static Askers askers;

    @BeforeContainer
    static void start() throws Exception {
        disk = ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder().size("1MiB").queues(2).queueDepth(16).build());
        askers = new Askers(disk.device());
    }

    @AfterContainer
    static void nothingIsLeft() throws DiskException {
        System.out.printf(
                "%d promises, %d cuts that took something, %d ms%n",
                PROMISES.get(), LOST.get(), (System.nanoTime() - START_NANOS) / 1_000_000);
        assertThat(PROMISES.get())
                .as("histories that promise nothing prove nothing")
                .isPositive();
        assertThat(LOST.get()).as("cuts that take nothing prove nothing").isPositive();
        askers.close();
        assertThat(disk.delete()).isEmpty();
        assertThat(Left.after(Duration.ofSeconds(5))).isEmpty();
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void fitTheModel(@ForAll long seed) throws Exception {
        for (int i = 0; i < HISTORIES_A_TRY; i++) {
            run(new SplittableRandom(seed + i));
        }
    }

    private static void run(SplittableRandom random) throws Exception {
        String keep = KEEP.get(random.nextInt(KEEP.size()));
        AtomicReference<String> cut = new AtomicReference<>();
        History history = askers.ask(random, () -> {
            cut.set(disk.powerCut(keep, random.nextLong()));
            return null;
        });
        disk.powerOn();
        assertThat(history.notLinearizable()).as("%s", history).isEmpty();
        assertThat(history.notDurable(askers.left()))
                .as("%s; power cut keep %s: %s", history, keep, cut)
                .isEmpty();
        PROMISES.addAndGet((int) history.promises());
        LOST.addAndGet(cut.get().startsWith("0 ") ? 0 : 1);
    }
}
