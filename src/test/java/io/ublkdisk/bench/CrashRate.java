package io.ublkdisk.bench;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.RemoteRecording;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.crash.Sample;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * How many crash states a second can be shown on a device, bare and with mount and check, beside the same mounts and checks done
 * by a shell alone; and how long it takes to a fresh mounted disk with and without mkfs, beside a loop device. One run on one
 * machine ({@code vm/bench crash}).
 */
final class CrashRate {
    private static final int BARE = 500;
    private static final int MOUNTED = 30;
    private static final int FRESH = 10;

    private interface Work {
        void run(int i) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        ServerConnection server = ServerProcess.shared().connection();
        RemoteDisk disk = server.create(ext4().build());
        RemoteRecording recording = disk.record();
        for (int i = 0; i < 10; i++) {
            write(disk.mountPoint().orElseThrow().resolve("file-" + i));
        }
        System.out.println("recorded: " + recording.stop());
        disk.unmount();
        List<String> states = recording.states(Sample.DEFAULT);
        RemoteDisk shown = recording.disk(states.get(0));
        print("shown, not mounted", BARE, i -> recording.show(states.get(i % states.size()), shown, false, ""));
        print(
                "a disk of its own for each",
                FRESH,
                i -> recording.disk(states.get(i % states.size())).delete());
        print("shown, mounted, e2fsck", MOUNTED, i -> {
            recording.show(states.get(i % states.size()), shown, true, "");
            shown.check().ifPresent(wrong -> {
                throw new IllegalStateException(wrong);
            });
        });
        String device = shown.device().toString();
        shell("modprobe loop; mkdir -p /tmp/bench-mnt");
        print(
                "mount, umount, e2fsck by a shell alone",
                1,
                i -> shell("for i in $(seq " + MOUNTED + "); do mount -t ext4 "
                        + device + " /tmp/bench-mnt && umount /tmp/bench-mnt && e2fsck -f -n " + device
                        + " >/dev/null 2>&1 || exit 1; done"));
        System.out.println("  (the last line is " + MOUNTED + " times)");
        shown.delete();
        disk.delete();

        print(
                "created and mounted, with mkfs",
                FRESH,
                i -> server.create(ext4().size(65 + i + "MiB").build()).delete());
        print(
                "created and mounted, from a template",
                FRESH,
                i -> server.create(ext4().build()).delete());
        String loop = "set -e; d=$(losetup -f --show /tmp/bench.img); trap 'losetup -d $d' EXIT; ";
        print(
                "loop, mkfs, mount",
                FRESH,
                i -> shell(
                        "truncate -s 64M /tmp/bench.img; " + loop
                                + "mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0,nodiscard $d; mount $d /tmp/bench-mnt; umount /tmp/bench-mnt"));
        print(
                "loop on a copied image, mount",
                FRESH,
                i -> shell("cp --sparse=always /tmp/bench.img /tmp/bench2.img; "
                        + loop.replace("bench.img", "bench2.img") + "mount $d /tmp/bench-mnt; umount /tmp/bench-mnt"));
    }

    private static DiskSpec.Builder ext4() {
        return DiskSpec.builder().size("64MiB").fileSystem(FileSystem.EXT4);
    }

    private static void write(Path file) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(20_000));
            channel.force(true);
        }
    }

    private static void shell(String command) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new DiskException(command + " ends with " + process.exitValue());
        }
    }

    private static void print(String what, int count, Work work) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            work.run(i);
        }
        double millis = (System.nanoTime() - start) / 1e6;
        System.out.printf("%-42s %10.2f ms each   %8.1f/s%n", what, millis / count, count * 1000 / millis);
    }
}
