package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.ublk.DeviceInfo.KernelState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the server, of a program that uses its disk, or of both, at a random moment under fio, over and over, with
 * each {@link Recovery} of this kernel in turn. Beside fio this test writes blocks and forces each: none may be lost, and nobody
 * may hang.
 *
 * <p>3 deaths on any day, 200 with {@code -Dublkdisk.all=true}, or as many as there is time for.
 */
@Timeout(1800)
class DeathsIT {
    private static final boolean ALL = Boolean.getBoolean("ublkdisk.all");
    private static final int DEATHS = ALL ? 200 : 3;
    private static final Duration LONGEST = Duration.ofMinutes(20);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final int BLOCK = 4096;
    private static final int BLOCKS = 64;
    private static final int FIO_BYTES = FileServer.HELD_FROM - BLOCKS * BLOCK;

    private enum Victim {
        SERVER,
        PROGRAM,
        BOTH
    }

    @TempDir
    Path folder;

    private final Random random = new Random(DEATHS);
    /** What each block has for certain; 0 for never written. */
    private final long[] forced = new long[BLOCKS];

    private final Map<Victim, Integer> deaths = new EnumMap<>(Victim.class);
    private long promises;
    private long longestNanos;

    private UblkControl control;
    private FileServer server;
    /** Ready to take over: a JVM takes seconds to start on an emulated processor. */
    private FileServer next;

    private Recovery recovery;
    private int id = -1;
    private volatile boolean enough;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
        assertThat(ControlCommand.givenUp()).isZero();
    }

    @Test
    void nothingThatWasForcedIsLostAndNobodyHangs() throws Exception {
        long begun = System.nanoTime();
        control = UblkControl.open(LIMIT);
        server = new FileServer();
        next = new FileServer();
        try {
            List<Recovery> recoveries = recoveries();
            for (int i = 0; i < DEATHS && System.nanoTime() - begun < LONGEST.toNanos(); i++) {
                int victims = Victim.values().length;
                if (i % victims == 0) {
                    remove();
                    recovery = recoveries.get(i / victims % recoveries.size());
                    id = server.serve(folder.resolve("disk"), recovery);
                }
                die(Victim.values()[i % victims]);
            }
            remove();
            server.kill();
        } finally {
            server.close();
            next.close();
            if (id >= 0) {
                control.deleteAsync(id);
            }
            control.close();
        }
        System.out.printf(
                "deaths %s in %d s: %d blocks forced and found, %d ms from a death to the next answer at most%n",
                deaths,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun),
                promises,
                TimeUnit.NANOSECONDS.toMillis(longestNanos));
        assertThat(deaths.values().stream().mapToInt(Integer::intValue).sum()).isGreaterThanOrEqualTo(3);
        assertThat(promises).as("deaths under no load prove nothing").isGreaterThan(deaths.size());
    }

    private List<Recovery> recoveries() throws UblkException {
        List<Recovery> all =
                new ArrayList<>(List.of(Recovery.REISSUE, Recovery.NONE, Recovery.USER_RECOVERY, Recovery.FAIL_IO));
        Set<UblkFeature> features = control.features();
        all.removeIf(each -> !features.containsAll(UblkFeature.of(each)));
        return all;
    }

    private void remove() throws UblkException {
        if (id >= 0) {
            control.delete(id);
            id = -1;
        }
    }

    private void die(Victim victim) throws Exception {
        String what = "death of " + victim + ", " + recovery;
        Path output = folder.resolve("fio");
        Process fio = fio(output);
        while (Sysfs.inFlight(id) == 0 && fio.isAlive()) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        enough = false;
        CompletableFuture<Integer> writer = RecoveryIT.begin(this::writeAndForce);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(700));
        assertThat(fio.isAlive()).as("%s: %s", what, Files.readString(output)).isTrue();
        long death = System.nanoTime();
        if (victim != Victim.SERVER) {
            fio.destroyForcibly();
        }
        if (victim != Victim.PROGRAM) {
            server.kill();
            server = next;
            next = new FileServer();
            takeOver();
        }
        enough = true;
        try (DirectDisk disk = new DirectDisk(Path.of("/dev/ublkb" + id))) {
            assertThat(disk.read(0, BLOCK)).as(what).isEqualTo(BLOCK);
            longestNanos = Math.max(longestNanos, System.nanoTime() - death);
            boolean mayFail = victim != Victim.PROGRAM && recovery != Recovery.REISSUE;
            assertThat(RecoveryIT.ends(writer)).as(what).isGreaterThanOrEqualTo(mayFail ? -1 : 0);
            fio.destroy();
            assertThat(fio.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as("%s: fio ends", what)
                    .isTrue();
            String said = Files.readString(output);
            assertThat(said).as(what).doesNotContain("verify");
            if (victim == Victim.SERVER && !mayFail) {
                assertThat(said).as(what).doesNotContain("error");
            }
            expectAllForced(disk, what);
        }
        deaths.merge(victim, 1, Integer::sum);
    }

    /** The next server serves that device, or another with the same bytes where it cannot be recovered. */
    private void takeOver() throws Exception {
        Path file = folder.resolve("disk");
        if (recovery != Recovery.NONE) {
            server.recover(file, id);
            return;
        }
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (control.info(id).kernelState() != KernelState.DEAD) {
            assertThat(System.nanoTime()).as("the driver notices").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
        control.deleteAsync(id);
        id = server.serve(file, recovery);
    }

    /** Until it is enough, or the disk refuses. */
    private int writeAndForce() throws Exception {
        try (DirectDisk disk = new DirectDisk(Path.of("/dev/ublkb" + id))) {
            while (!enough) {
                int block = (int) (promises % BLOCKS);
                disk.writePattern(place(block), BLOCK, forced[block] + 1);
                if (disk.sync() != 0) {
                    return -1;
                }
                forced[block]++;
                promises++;
            }
            return 0;
        }
    }

    /** The last write of a block may have come through although its death was told, or have been on its way. */
    private void expectAllForced(DirectDisk disk, String what) {
        for (int block = 0; block < BLOCKS; block++) {
            if (forced[block] > 0) {
                try {
                    disk.expectPattern(place(block), BLOCK, forced[block]);
                } catch (AssertionError e) {
                    assertThat(block).as("%s: %s", what, e.getMessage()).isEqualTo((int) (promises % BLOCKS));
                    disk.expectPattern(place(block), BLOCK, forced[block] + 1);
                }
            }
        }
    }

    private static long place(int block) {
        return FIO_BYTES + (long) block * BLOCK;
    }

    /** Writes and verifies until somebody ends it. */
    private Process fio(Path output) throws IOException {
        return new ProcessBuilder(
                        "fio",
                        "--name=load",
                        "--filename=/dev/ublkb" + id,
                        "--ioengine=libaio",
                        "--direct=1",
                        "--allow_file_create=0",
                        "--rw=randwrite",
                        "--bsrange=512-64k",
                        "--iodepth=2",
                        "--size=" + FIO_BYTES,
                        "--time_based",
                        "--runtime=600",
                        "--verify=crc32c",
                        "--verify_backlog=16",
                        "--verify_fatal=1",
                        "--verify_state_save=0")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }
}
