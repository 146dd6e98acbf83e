package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.backend.FileBackend;
import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.ublk.DeviceInfo.KernelState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of requests and openers when a server is killed, and when another one recovers its device: each {@link Recovery} ×
 * requests in flight, requests that wait for a free tag, later ones × openers from before and from after. Specified by
 * generic/007 of ublksrv and by the driver.
 */
@Timeout(400)
class RecoveryIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration A_WHILE = Duration.ofMillis(700);
    private static final boolean ALL = Boolean.getBoolean("ublkdisk.all");
    private static final int PATTERN_BYTES = 4096;

    @TempDir
    Path folder;

    @AfterEach
    void nothingIsLeft() throws Exception {
        try (UblkControl control = UblkControl.open(LIMIT)) {
            List<Integer> left = UblkControl.deviceIds();
            for (int id : left) {
                control.deleteAsync(id);
            }
            assertThat(left).isEmpty();
        }
    }

    /** A device of the server that will be killed, and everybody who uses it. */
    private final class Case {
        final Recovery recovery;
        final int heldWrites;
        final Path file;
        final List<DirectDisk> opened = new ArrayList<>();
        final List<CompletableFuture<Integer>> inFlight = new ArrayList<>();
        int id;
        DirectDisk old;
        int inServer;

        Case(Recovery recovery, int heldWrites) {
            this.recovery = recovery;
            this.heldWrites = heldWrites;
            this.file = folder.resolve(recovery + "-" + heldWrites);
        }

        @Override
        public String toString() {
            return recovery + " with " + heldWrites + " writes";
        }

        void begin(FileServer server, UblkControl control) throws Exception {
            id = server.serve(file, recovery);
            DeviceInfo info = control.info(id);
            assertThat(info.recovery()).as("%s", this).isEqualTo(recovery);
            old = opened();
            old.writePattern(0, PATTERN_BYTES, 1);
            for (int i = 0; i < heldWrites; i++) {
                DirectDisk writer = opened();
                long offset = place(i);
                inFlight.add(RecoveryIT.begin(() -> {
                    writer.writePattern(offset, PATTERN_BYTES, 2);
                    return PATTERN_BYTES;
                }));
            }
            inServer = Math.min(heldWrites, info.queues() * FileServer.DEPTH);
            await(() -> Sysfs.inFlight(id) >= Math.min(heldWrites, FileServer.DEPTH));
        }

        void seeDeath(UblkControl control) throws Exception {
            await(() -> control.info(id).kernelState() != KernelState.LIVE);
            assertThat(control.info(id).kernelState())
                    .as("%s", this)
                    .isEqualTo(
                            switch (recovery) {
                                case NONE -> KernelState.DEAD;
                                case USER_RECOVERY, REISSUE -> KernelState.QUIESCED;
                                case FAIL_IO -> KernelState.FAIL_IO;
                            });
            CompletableFuture<Integer> oldRead = RecoveryIT.begin(() -> old.read(0, PATTERN_BYTES));
            if (recovery == Recovery.NONE) {
                assertThat(ends(oldRead)).as("%s", this).isNotPositive();
                assertThat(failedWrites()).as("%s", this).isEqualTo(heldWrites);
                assertThatThrownBy(() -> new DirectDisk(path())).isInstanceOf(ErrnoException.class);
                assertThatThrownBy(this::recover)
                        .isInstanceOfSatisfying(
                                UblkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                        .hasMessageContaining("made without recovery");
                close();
                control.delete(id);
                return;
            }
            DirectDisk fresh = opened();
            CompletableFuture<Integer> freshRead = RecoveryIT.begin(() -> fresh.read(0, PATTERN_BYTES));
            if (recovery == Recovery.FAIL_IO) {
                assertThat(ends(oldRead)).as("%s", this).isNegative();
                assertThat(ends(freshRead)).as("%s", this).isNegative();
                assertThat(failedWrites()).as("%s", this).isEqualTo(heldWrites);
            } else {
                waits(oldRead);
                waits(freshRead);
            }
            seeRecovery(oldRead, fresh, freshRead);
        }

        private void seeRecovery(
                CompletableFuture<Integer> oldRead, DirectDisk fresh, CompletableFuture<Integer> freshRead)
                throws Exception {
            try (UblkDevice device = recover()) {
                assertThat(device.isRunning()).as("%s", this).isTrue();
                assertThat(device.info().kernelState()).isEqualTo(KernelState.LIVE);
                assertThat(device.info().serverPid())
                        .isEqualTo((int) ProcessHandle.current().pid());
                if (recovery != Recovery.FAIL_IO) {
                    assertThat(ends(oldRead)).as("%s", this).isEqualTo(PATTERN_BYTES);
                    assertThat(ends(freshRead)).as("%s", this).isEqualTo(PATTERN_BYTES);
                }
                assertThat(failedWrites())
                        .as("%s", this)
                        .isEqualTo(
                                switch (recovery) {
                                    case REISSUE -> 0;
                                    // What the server had, and nothing that only waited for a tag.
                                    case USER_RECOVERY -> inServer;
                                    default -> heldWrites;
                                });
                for (int i = 0; i < heldWrites; i++) {
                    if (ends(inFlight.get(i)) > 0) {
                        fresh.expectPattern(place(i), PATTERN_BYTES, 2);
                    }
                }
                old.expectPattern(0, PATTERN_BYTES, 1);
                fresh.writePattern(FileServer.HELD_FROM, 65536, 3);
                old.expectPattern(FileServer.HELD_FROM, 65536, 3);
                close();
            }
        }

        private int failedWrites() throws Exception {
            int failed = 0;
            for (CompletableFuture<Integer> write : inFlight) {
                failed += ends(write) < 0 ? 1 : 0;
            }
            return failed;
        }

        private UblkDevice recover() throws Exception {
            return UblkDevice.builder(FileBackend.open(file)).id(id).recover();
        }

        private long place(int i) {
            return FileServer.HELD_FROM + i * (long) PATTERN_BYTES;
        }

        private Path path() {
            return Path.of("/dev/ublkb" + id);
        }

        private DirectDisk opened() throws ErrnoException {
            DirectDisk disk = new DirectDisk(path());
            opened.add(disk);
            return disk;
        }

        void close() {
            opened.forEach(DirectDisk::close);
            opened.clear();
        }
    }

    @Test
    void requestsAndOpenersFareAsTheRecoverySays() throws Exception {
        List<Case> cases = new ArrayList<>();
        try (FileServer server = new FileServer();
                UblkControl control = UblkControl.open(LIMIT)) {
            for (Recovery recovery : Recovery.values()) {
                if (control.features().containsAll(UblkFeature.of(recovery))) {
                    // One tag stays free: where all are in flight 6.12 notices the death only after 30 s.
                    cases.add(new Case(recovery, FileServer.DEPTH - 1));
                    if (ALL || Needs.isAtLeast("7.0")) {
                        cases.add(new Case(recovery, 2 * FileServer.QUEUES * FileServer.DEPTH));
                    }
                }
            }
            for (Case each : cases) {
                each.begin(server, control);
            }
            server.kill();
            for (Case each : cases) {
                each.seeDeath(control);
            }
        } finally {
            cases.forEach(Case::close);
        }
    }

    /** The blocks have checksums that fio has made, and nothing may be lost, however often the server dies. */
    @Test
    void dataIsIntactWhenServersDieUnderLoad() throws Exception {
        Path file = folder.resolve("disk");
        int deaths = ALL ? 8 : 1; // many more are DeathsIT's
        FileServer server = new FileServer();
        FileServer next = new FileServer();
        int id;
        try {
            // The first one makes the device, and only the next serves all of it.
            id = server.serve(file, Recovery.REISSUE);
            server.kill();
            server = next;
            next = new FileServer();
            server.recover(file, id);
            CompletableFuture<Integer> fio = begin(() -> {
                Fio.verify(Path.of("/dev/ublkb" + id), 2, 8, 8);
                return 0;
            });
            for (int i = 0; i < deaths && !fio.isDone(); i++) {
                TimeUnit.MILLISECONDS.sleep(300 + 37 * i % 400);
                server.kill();
                server = next;
                next = i + 1 < deaths ? new FileServer() : next;
                server.recover(file, id);
            }
            assertThat(ends(fio)).isZero();
        } finally {
            server.close();
            next.close();
        }
        try (UblkDevice device =
                UblkDevice.builder(FileBackend.open(file)).id(id).recover()) {
            assertThat(device.isRunning()).isTrue();
        }
    }

    @Test
    void featureThatTheKernelDoesNotHaveIsRefused() throws Exception {
        try (UblkControl control = UblkControl.open(LIMIT)) {
            if (control.features().contains(UblkFeature.USER_RECOVERY_FAIL_IO)) {
                return;
            }
        }
        assertThatThrownBy(() -> UblkDevice.builder(new MemoryBackend(1 << 20))
                        .recovery(Recovery.FAIL_IO)
                        .create())
                .isInstanceOf(UblkException.class)
                .hasMessageContaining("USER_RECOVERY_FAIL_IO")
                .hasMessageContaining("6.13");
    }

    @Test
    void deviceThatIsServedOrOfAnotherSizeIsNotRecovered() throws Exception {
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(1 << 20))
                .recovery(Recovery.USER_RECOVERY)
                .create()) {
            device.start();
            assertThatThrownBy(() -> UblkDevice.builder(new MemoryBackend(1 << 20))
                            .id(device.id())
                            .controlTimeout(Duration.ofMillis(500))
                            .recover())
                    .isInstanceOfSatisfying(
                            UblkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
                    .hasMessageContaining("server is still there");
            assertThatThrownBy(() -> UblkDevice.builder(new MemoryBackend(1 << 21))
                            .id(device.id())
                            .recover())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1048576");
            assertThat(device.isRunning()).isTrue();
        }
    }

    /** On a daemon of its own, which may hang in the kernel: the result, or -1 for a write that has failed. */
    static CompletableFuture<Integer> begin(Callable<Integer> call) {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                future.complete(call.call());
            } catch (AssertionError e) {
                if (e.getMessage().startsWith("[write of")) {
                    future.complete(-1);
                } else {
                    future.completeExceptionally(e);
                }
            } catch (Exception e) {
                future.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return future;
    }

    static int ends(CompletableFuture<Integer> future) throws Exception {
        return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    static void waits(CompletableFuture<Integer> future) throws Exception {
        try {
            int result = future.get(A_WHILE.toMillis(), TimeUnit.MILLISECONDS);
            throw new AssertionError("it should wait, but it ended with " + result);
        } catch (TimeoutException e) {
            assertThat(future).isNotDone();
        }
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("time is up").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }
}
