package io.ublkdisk.bench;

import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A disk that lines for a shell make: those of the kernel, other servers over the kernel's nbd, and whatever the command line
 * names. In a line {@code $SIZE} is the size in MiB, {@code $QUEUES} the number of queues.
 */
record ShellDisk(String name, List<String> programs, String begin, String device, String end) implements Target {
    private static final int BRD_SLACK = 1;
    private static final int NODE_LIMIT_MILLIS = 20_000;
    private static final Duration DELETE_LIMIT = Duration.ofSeconds(20);
    private static final String UBLK = "/dev/ublkb";
    private static final String BRD = "/dev/ram0";

    private static final String BRD_BEGIN =
            "test -b /dev/ram0 || modprobe brd rd_nr=1 rd_size=$(( ($SIZE + " + BRD_SLACK + ") << 10 ))";

    /** In the order in which they have to be opened; they are closed in the opposite one. */
    static List<Target> kernel() {
        return List.of(
                new ShellDisk(
                        "null_blk",
                        List.of("modprobe"),
                        "modprobe null_blk nr_devices=1 gb=1 submit_queues=$QUEUES",
                        "/dev/nullb0",
                        "modprobe -r null_blk"),
                new ShellDisk("brd", List.of("modprobe"), BRD_BEGIN, BRD, "modprobe -rq brd || true"),
                mapped("dm-delay", "delay " + BRD + " 0 0"),
                mapped("dm-flakey", "flakey " + BRD + " 0 180 0"),
                new ShellDisk(
                        "loop",
                        List.of("modprobe", "losetup"),
                        "modprobe loop; f=/dev/shm/ublkdisk-bench.img; fallocate -l ${SIZE}M $f; losetup /dev/loop7 $f",
                        "/dev/loop7",
                        "losetup -d /dev/loop7; rm -f /dev/shm/ublkdisk-bench.img"),
                new ShellDisk(
                        "nbdkit",
                        List.of("modprobe", "nbdkit", "nbd-client"),
                        "modprobe nbd; nbdkit --unix /dev/shm/ublkdisk-bench.sock --pidfile /dev/shm/ublkdisk-bench.pid"
                                + " memory ${SIZE}M; nbd-client -unix /dev/shm/ublkdisk-bench.sock /dev/nbd7 -b 512 -C $QUEUES",
                        "/dev/nbd7",
                        "nbd-client -d /dev/nbd7; kill $(cat /dev/shm/ublkdisk-bench.pid)"));
    }

    /** brd in a device-mapper table: what is under it is opened by it, if nobody else has. */
    private static Target mapped(String name, String table) {
        String node = "ublkdisk-bench-" + name;
        return new ShellDisk(
                name,
                List.of("modprobe", "dmsetup"),
                BRD_BEGIN + "; modprobe " + name + "; echo \"0 $(( $SIZE << 11 )) " + table
                        + "\" | DM_DISABLE_UDEV=1 dmsetup create " + node,
                "/dev/mapper/" + node,
                "DM_DISABLE_UDEV=1 dmsetup remove --retry " + node + "; modprobe -rq brd || true");
    }

    /** What the user gives: a program that makes that device, and ends when it is told to. */
    static ShellDisk peer(String name, String command, String device) {
        Path pid = file(name, "pid");
        return new ShellDisk(
                name,
                List.of(command.split("\\s+")[0]),
                "setsid " + command + " >" + file(name, "log") + " 2>&1 & echo $! >" + pid,
                device,
                "kill -- -$(cat " + pid + ") 2>/dev/null || true; rm -f " + pid + " " + file(name, "log"));
    }

    /** What is noted of a peer while it runs. */
    private static Path file(String name, String what) {
        return Path.of("/dev/shm/ublkdisk-bench." + name + "." + what);
    }

    private Path file(String what) {
        return file(name, what);
    }

    @Override
    public String missing() throws Exception {
        for (String program : programs) {
            if (!Shell.has(program)) {
                return name + ": there is no program " + program + " here";
            }
        }
        Optional<String> use = InUse.of(Path.of(device));
        return use.map(why -> name + ": " + why).orElse("");
    }

    @Override
    public Path open(int queues, int sizeMib) throws Exception {
        Path node = Path.of(device);
        Files.deleteIfExists(file("pid"));
        if (isLeft()) {
            throw new BenchException(
                    name + ": there is a ublk device " + number() + " already; end its server and delete it"
                            + " (ublk del -n " + number() + "), or take another number");
        }
        Shell.run("SIZE=" + sizeMib + " QUEUES=" + queues + "\n" + begin);
        for (int waited = 0; !Files.exists(node); waited += 20) {
            if (waited > NODE_LIMIT_MILLIS) {
                throw new BenchException(name + ": there is no " + device + " after " + NODE_LIMIT_MILLIS / 1000
                        + " s of: " + begin + said());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        Optional<String> use = name.equals("brd") ? Optional.empty() : InUse.of(node);
        if (use.isPresent()) {
            throw new BenchException(name + ": " + use.get() + "; the measurement would write over it");
        }
        return node;
    }

    /** What it said when it was started. */
    private String said() throws IOException {
        Path log = file("log");
        return Files.exists(log) ? "\nit said: " + Files.readString(log).strip() : "";
    }

    /** A ublk device may outlive a server that was told to end; nobody else could have its number then. */
    @Override
    public void close() throws Exception {
        boolean begun = Files.exists(file("pid"));
        Shell.run(end);
        if (begun && isLeft()) {
            try (UblkControl control = UblkControl.open(DELETE_LIMIT)) {
                control.delete(number());
            } catch (UblkException e) {
                if (isLeft()) { // and has not gone by itself meanwhile
                    throw e;
                }
            }
        }
    }

    /** If it is a ublk device, whether the driver has one of that number, with or without a server. */
    private boolean isLeft() {
        return device.matches(UBLK + "\\d+") && Files.exists(Path.of("/dev/ublkc" + number()));
    }

    private int number() {
        return Integer.parseInt(device.substring(UBLK.length()));
    }
}
