package io.ublkdisk.bench;

import io.ublkdisk.backend.NullBackend;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.ublk.UblkDevice;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * From nothing to the first disk, and from a warm server to the next one, with where the time goes ({@code vm/bench startup}), all
 * programs in memory. Medians; guest time is instructions executed.
 */
final class StartUp {
    private static final int SERVERS = 5;
    private static final int DISKS = 20;

    private final Steps steps = new Steps();
    /** The command line, as the build made it. */
    private final String program;

    public static void main(String[] arguments) throws Exception {
        new StartUp(System.getProperty("java.class.path").split(":")[0]).run();
    }

    private StartUp(String program) {
        this.program = program;
    }

    private void run() throws Exception {
        servers();
        for (int i = 0; i < SERVERS; i++) {
            FirstDisk.measure(steps);
        }
        commands();
        disks(ServerProcess.shared().connection());
        devices();
        for (int i = 0; i < DISKS; i++) {
            steps.timed("a process started and ended by a JVM", () -> Shell.has("true"));
        }
        steps.print();
    }

    private void servers() throws Exception {
        DiskSpec bare = DiskSpec.builder().size("64MiB").build();
        for (int i = 0; i < SERVERS; i++) {
            ServerProcess server = steps.timed("server: started, until it answers", ServerProcess::start);
            RemoteDisk first = steps.timed(
                    "server: its first disk", () -> server.connection().create(bare));
            steps.timed("server: first read", () -> read(first.device()));
            first.delete();
            steps.took("server: ended", server::close);
        }
    }

    /** With the archive of classes, and, where that does not lie beside the program, without. */
    private void commands() throws Exception {
        try (KeptShell shell = new KeptShell()) {
            shell.run("mkdir /tmp/alone && cp -p " + program + " /tmp/alone/ublkdisk");
            for (int i = 0; i < SERVERS; i++) {
                for (String each : new String[] {program, "/tmp/alone/ublkdisk"}) {
                    String which = each.equals(program) ? "" : ", without the archive";
                    steps.took("ublkdisk list" + which, () -> shell.run(each + " list"));
                    steps.took(
                            "ublkdisk add, its server too" + which, () -> shell.run(each + " add --name x --size 64M"));
                    shell.run(each + " del x");
                }
            }
        }
    }

    private void disks(ServerConnection server) throws Exception {
        DiskSpec bare = DiskSpec.builder().size("64MiB").build();
        DiskSpec ext4 = CrashRate.ext4().build();
        server.create(ext4).delete();
        for (int i = 0; i < DISKS; i++) {
            steps.took("a question and its answer", server::ping);
            long begin = System.nanoTime();
            RemoteDisk disk = steps.timed("disk: create", () -> server.create(bare));
            steps.timed("disk: first read", () -> read(disk.device()));
            steps.note("disk: create to first read", System.nanoTime() - begin);
            steps.took("disk: delete", disk::delete);
        }
        for (int i = 0; i < DISKS; i++) {
            RemoteDisk disk = steps.timed("ext4: create from a template, mounted", () -> server.create(ext4));
            steps.took("ext4: delete", disk::delete);
        }
    }

    /** The same steps without a drive, in this process. */
    private void devices() throws Exception {
        for (int i = 0; i < DISKS; i++) {
            UblkDevice device = steps.timed(
                    "device: ADD, SET_PARAMS",
                    () -> UblkDevice.builder(new NullBackend(64 << 20)).create());
            steps.took("device: open, queues, FETCH, START", device::start);
            steps.took("device: STOP", device::stop);
            steps.took("device: DEL", device::close);
        }
    }

    static int read(Path device) throws Exception {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            return channel.read(ByteBuffer.allocateDirect(4096));
        }
    }
}
