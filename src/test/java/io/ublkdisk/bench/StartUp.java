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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * From nothing to the first disk, and from a warm server to the next one, with where the time goes ({@code vm/bench startup}).
 * Medians; guest time is instructions executed.
 */
final class StartUp {
    /** How often each step is taken; fewer than the default by an argument. */
    private static final int TIMES = 12;

    private final int times;
    private final Map<String, List<Long>> steps = new LinkedHashMap<>();

    private interface Work<T> {
        T run() throws Exception;
    }

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
            ServerProcess server = timed("server: started, until it answers", ServerProcess::start);
            RemoteDisk first =
                    timed("server: its first disk", () -> server.connection().create(bare));
            first.delete();
            timed("server: ended", () -> {
                server.close();
                return 0;
            });
        }
        ServerConnection server = ServerProcess.shared().connection();
        server.create(ext4).delete();
        for (int i = 0; i < times; i++) {
            timed("a question and its answer", () -> {
                server.ping();
                return 0;
            });
            long begin = System.nanoTime();
            RemoteDisk disk = timed("disk: create", () -> server.create(bare));
            timed("disk: first read", () -> read(disk.device()));
            note("disk: create to first read", System.nanoTime() - begin);
            timed("disk: delete", disk::delete);
        }
        for (int i = 0; i < times; i++) {
            RemoteDisk disk = timed("ext4: create from a template, mounted", () -> server.create(ext4));
            timed("ext4: delete", disk::delete);
        }
        for (int i = 0; i < times; i++) {
            UblkDevice device = timed(
                    "device: ADD, SET_PARAMS",
                    () -> UblkDevice.builder(new NullBackend(64 << 20)).create());
            timed("device: open, queues, FETCH, START", () -> {
                device.start();
                return 0;
            });
            timed("device: STOP", () -> {
                device.stop();
                return 0;
            });
            timed("device: DEL", () -> {
                device.close();
                return 0;
            });
        }
        for (int i = 0; i < times; i++) {
            timed("a process started and ended", () -> Shell.has("true"));
        }
        steps.forEach((what, nanos) -> {
            nanos.sort(null);
            System.out.printf(
                    "%-42s median %9.2f ms   least %9.2f   most %9.2f   (%d)%n",
                    what,
                    nanos.get(nanos.size() / 2) / 1e6,
                    nanos.get(0) / 1e6,
                    nanos.get(nanos.size() - 1) / 1e6,
                    nanos.size());
        });
    }

    private static int read(Path device) throws Exception {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            return channel.read(ByteBuffer.allocateDirect(4096));
        }
    }

    private <T> T timed(String what, Work<T> work) throws Exception {
        long begin = System.nanoTime();
        T made = work.run();
        note(what, System.nanoTime() - begin);
        return made;
    }

    private void note(String what, long nanos) {
        steps.computeIfAbsent(what, w -> new ArrayList<>()).add(nanos);
    }
}
