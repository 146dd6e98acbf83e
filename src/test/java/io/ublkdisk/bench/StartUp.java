package io.ublkdisk.bench;

import io.ublkdisk.backend.NullBackend;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.ublk.UblkDevice;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * From nothing to the first disk, and from a warm server to the next one, with where the time goes ({@code vm/bench startup}).
 * Medians; guest time is instructions executed.
 */
final class StartUp {
    /** How often each step is taken; fewer than the default by an argument. */
    private static final int TIMES = 12;

    private final int times;
    private final Steps steps = new Steps();

    public static void main(String[] arguments) throws Exception {
        new StartUp(arguments.length == 0 ? TIMES : Integer.parseInt(arguments[0])).run();
    }

    private StartUp(int times) {
        this.times = times;
    }

    private void run() throws Exception {
        DiskSpec bare = DiskSpec.builder().size("64MiB").build();
        DiskSpec ext4 = DiskSpec.builder()
                .size("64MiB")
                .fileSystem(FileSystem.EXT4)
                .mounted(true)
                .build();
        for (int i = 0; i < 2; i++) {
            ServerProcess server = steps.timed("server: started, until it answers", ServerProcess::start);
            RemoteDisk first = steps.timed(
                    "server: its first disk", () -> server.connection().create(bare));
            first.delete();
            steps.timed("server: ended", () -> {
                server.close();
                return 0;
            });
        }
        ServerConnection server = ServerProcess.shared().connection();
        server.create(ext4).delete();
        for (int i = 0; i < times; i++) {
            steps.timed("a question and its answer", () -> {
                server.ping();
                return 0;
            });
            long begin = System.nanoTime();
            RemoteDisk disk = steps.timed("disk: create", () -> server.create(bare));
            steps.timed("disk: first read", () -> read(disk.device()));
            steps.note("disk: create to first read", System.nanoTime() - begin);
            steps.timed("disk: delete", disk::delete);
        }
        for (int i = 0; i < times; i++) {
            RemoteDisk disk = steps.timed("ext4: create from a template, mounted", () -> server.create(ext4));
            steps.timed("ext4: delete", disk::delete);
        }
        for (int i = 0; i < times; i++) {
            UblkDevice device = steps.timed(
                    "device: ADD, SET_PARAMS",
                    () -> UblkDevice.builder(new NullBackend(64 << 20)).create());
            steps.timed("device: open, queues, FETCH, START", () -> {
                device.start();
                return 0;
            });
            steps.timed("device: STOP", () -> {
                device.stop();
                return 0;
            });
            steps.timed("device: DEL", () -> {
                device.close();
                return 0;
            });
        }
        for (int i = 0; i < times; i++) {
            steps.timed("a process started and ended", () -> Shell.has("true"));
        }
        steps.print();
    }

    private static int read(Path device) throws Exception {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            return channel.read(ByteBuffer.allocateDirect(4096));
        }
    }
}
