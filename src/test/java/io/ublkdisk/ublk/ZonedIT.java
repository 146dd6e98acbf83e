package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.backend.ZonedMemoryBackend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Zone;
import io.ublkdisk.block.Zone.Condition;
import io.ublkdisk.block.ZonedBackend;
import io.ublkdisk.kernel.Errno;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A zoned disk as blkzone, fio and btrfs see it. */
@Timeout(180)
class ZonedIT {
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
    }

    @Test
    void blkzoneSeesAndMovesTheZones() throws Exception {
        ZonedMemoryBackend disk = new ZonedMemoryBackend(16 * MIB, MIB, 4);
        try (UblkDevice device = device(disk, false).create()) {
            device.start();
            assertThat(Sysfs.queue(device, "zoned")).isEqualTo("host-managed");
            assertThat(Sysfs.queue(device, "nr_zones")).isEqualTo("16");
            assertThat(Sysfs.queue(device, "max_open_zones")).isEqualTo("4");
            assertThat(device.params().zones()).isEqualTo(new DeviceParams.Zones(MIB, 4, 0, MIB));
            try (DirectDisk direct = new DirectDisk(device.path())) {
                direct.writePattern(0, 65_536, 1);
                direct.writePattern(65_536, 4096, 2);
                direct.expectPattern(0, 65_536, 1);
                assertThat(Errno.of(direct.write(3 * MIB + 4096, 4096)))
                        .as("not at the write pointer")
                        .isEqualTo(Errno.EIO);
            }
            assertThat(disk.zone(0).writePointer()).isEqualTo(136);
            run("blkzone", "open", "-o", "" + 2 * 2048, "-l", "2048", device);
            run("blkzone", "finish", "-o", "" + 4 * 2048, "-l", "2048", device);
            run("blkzone", "close", "-o", "0", "-l", "2048", device);
            String report = run("blkzone", "report", device);
            assertThat(report.lines()).hasSize(16);
            assertThat(report.lines().toList().get(0)).contains("wptr 0x000088", "cl");
            assertThat(report.lines().toList().get(2)).contains("oe");
            assertThat(report.lines().toList().get(4)).contains("fu");
            assertThat(report.lines().toList().get(5)).contains("em");
            run("blkzone", "reset", "-o", "0", "-l", "2048", device);
            assertThat(disk.zone(0).condition()).isEqualTo(Condition.EMPTY);
            run("blkzone", "reset", device);
            assertThat(disk.zone(4).condition()).isEqualTo(Condition.EMPTY);
            disk.wearOut(7, Condition.OFFLINE);
            assertThat(run("blkzone", "report", "-o", "" + 7 * 2048, "-l", "2048", device))
                    .contains("zcond:15(of)");
        }
    }

    /** Opens no zone but the first. */
    private record Throwing(ZonedMemoryBackend disk) implements ZonedBackend {
        @Override
        public long sizeBytes() {
            return disk.sizeBytes();
        }

        @Override
        public void submit(Request request) throws Exception {
            disk.submit(request);
        }

        @Override
        public long zoneBytes() {
            return disk.zoneBytes();
        }

        @Override
        public Zone zone(int index) {
            return disk.zone(index);
        }

        @Override
        public BlockStatus manage(Action action, int zone) {
            if (zone > 0) {
                throw new IllegalStateException("zone " + zone);
            }
            return disk.manage(action, zone);
        }

        @Override
        public long append(int zone, ByteBuffer data, int lengthBytes) {
            return disk.append(zone, data, lengthBytes);
        }
    }

    @Test
    void backendThatThrowsOverAZoneCostsOnlyThatRequest() throws Exception {
        UblkDeviceBuilder settings = UblkDevice.builder(new Throwing(new ZonedMemoryBackend(4 * MIB, MIB)))
                .dataMode(DataMode.USER_COPY);
        Needs.features(settings.features());
        try (UblkDevice device = settings.create()) {
            device.start();
            run("sh", "-c", "! blkzone open -o 2048 -l 2048 " + device.path());
            assertThat(device.metrics().backendFailures()).isEqualTo(1);
            run("blkzone", "open", "-o", "0", "-l", "2048", device);
            assertThat(device.isRunning()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fioFindsEveryChecksumThatItWroteZoneByZone(boolean batch) throws Exception {
        ZonedMemoryBackend disk = new ZonedMemoryBackend(16 * MIB, MIB);
        try (UblkDevice device = device(disk, batch).queues(2).create()) {
            device.start();
            String output = run(
                    "fio",
                    "--name=zones",
                    "--filename=" + device.path(),
                    "--zonemode=zbd",
                    "--direct=1",
                    "--ioengine=libaio",
                    "--iodepth=8",
                    "--rw=write",
                    "--bs=64k",
                    "--size=8m",
                    "--verify=crc32c",
                    "--verify_fatal=1",
                    "--verify_state_save=0");
            assertThat(output).contains("err= 0").doesNotContain("verify failed");
            assertThat(disk.zone(7).condition()).isEqualTo(Condition.FULL);
        }
    }

    /** Only a filesystem appends: btrfs writes all data so, and finds them by what the commit told it. */
    @ParameterizedTest
    @MethodSource("plainAndIfAllIsAskedForBatch")
    void btrfsFindsWhatItAppended(boolean batch) throws Exception {
        ZonedMemoryBackend disk = new ZonedMemoryBackend(256L * MIB, 4 * MIB);
        Path mountPoint = Files.createDirectory(folder.resolve("mnt"));
        try (UblkDevice device = device(disk, batch).create()) {
            device.start();
            run("mkfs.btrfs", "-q", "-O", "zoned", "-d", "single", "-m", "single", device);
            for (String round : new String[] {"write", "verify"}) {
                run("mount", device, mountPoint);
                try {
                    run("sh", "-c", round.equals("write") ? WRITE : "md5sum -c sums", mountPoint.toFile());
                } finally {
                    run("umount", mountPoint);
                }
            }
            run("btrfs", "check", device);
        }
    }

    static Stream<Boolean> plainAndIfAllIsAskedForBatch() {
        return Boolean.getBoolean("ublkdisk.all") ? Stream.of(false, true) : Stream.of(false);
    }

    private static final String WRITE =
            "for i in 1 2 3 4 5 6; do head -c 700000 /dev/urandom >f$i; done; md5sum f* >sums; sync";

    private static UblkDeviceBuilder device(ZonedMemoryBackend disk, boolean batch) throws UblkException {
        UblkDeviceBuilder settings =
                UblkDevice.builder(disk).dataMode(DataMode.USER_COPY).batch(batch);
        Needs.features(settings.features());
        return settings;
    }

    /** A device or a path stands for itself, a file for the folder to run in. */
    private static String run(Object... words) throws Exception {
        ProcessBuilder builder = new ProcessBuilder().redirectErrorStream(true);
        for (Object word : words) {
            if (word instanceof java.io.File where) {
                builder.directory(where);
            } else {
                builder.command()
                        .add(word instanceof UblkDevice device ? device.path().toString() : word.toString());
            }
        }
        Path output = Files.createTempFile("run", ".txt");
        Process process = builder.redirectOutput(output.toFile()).start();
        boolean ended = process.waitFor(100, TimeUnit.SECONDS);
        process.destroyForcibly();
        String text = Files.readString(output);
        Files.delete(output);
        assertThat(ended).as("%s did not end:%n%s", builder.command(), text).isTrue();
        assertThat(process.exitValue()).as("%s:%n%s", builder.command(), text).isZero();
        return text;
    }
}
