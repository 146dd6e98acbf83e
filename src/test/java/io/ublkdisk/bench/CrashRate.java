package io.ublkdisk.bench;

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
 * by a shell alone, and beside dm-log-writes where its program is given. One run in one machine ({@code vm/bench crash}).
 */
final class CrashRate {
    static final String COLD = "ours: a state, not mounted, JVMs just started";
    static final String BARE = "ours: a state, not mounted";
    static final String SHOWN = "ours: a state, shown and mounted";
    static final String CHECKED = "ours: unmounted, e2fsck";
    static final String MOUNTED = "ours: a state, mounted, unmounted, e2fsck";
    static final String FILES = "/mnt-bench";

    private static final int JUST_STARTED = 1_000;
    private static final int WARM_UP = 5_000;
    private static final int STATES = 2_000;
    private static final int WITH_MOUNT = 30;
    private static final int WRITES = 10;

    private final Steps steps = new Steps();
    private final KeptShell shell;
    private final ServerConnection server;

    private CrashRate(KeptShell shell, ServerConnection server) {
        this.shell = shell;
        this.server = server;
    }

    public static void main(String[] arguments) throws Exception {
        try (KeptShell shell = new KeptShell()) {
            shell.run("mkdir -p " + FILES);
            CrashRate rate = new CrashRate(shell, ServerProcess.shared().connection());
            rate.states();
            if (arguments.length > 0) {
                new CrashPeer(rate.steps, shell, arguments[0]).run();
            }
            rate.steps.print();
            rate.goals(arguments.length > 0);
        }
    }

    private void states() throws Exception {
        RemoteDisk disk = server.create(ext4().build());
        RemoteRecording recording = disk.record();
        workload(disk.mountPoint().orElseThrow());
        System.out.println("recorded: " + recording.stop());
        disk.unmount();
        List<String> states = recording.states(Sample.DEFAULT);
        RemoteDisk shown = recording.disk(states.get(0));
        for (int i = 0; i < JUST_STARTED + WARM_UP + STATES; i++) {
            String state = states.get(i % states.size());
            String step = i < JUST_STARTED ? COLD : i < JUST_STARTED + WARM_UP ? "ours: until they settle" : BARE;
            steps.took(step, () -> recording.show(state, shown, false, ""));
        }
        for (int i = 0; i < WITH_MOUNT; i++) {
            String state = states.get(i * 7 % states.size());
            steps.took(MOUNTED, () -> {
                steps.took(SHOWN, () -> recording.show(state, shown, true, ""));
                String wrong = steps.timed(CHECKED, shown::check).orElse("");
                if (!wrong.isEmpty()) {
                    throw new BenchException(state + ": " + wrong);
                }
            });
        }
        String device = shown.device().toString();
        for (int i = 0; i < WITH_MOUNT; i++) {
            steps.took("the same disk: mount, by a shell", () -> shell.run("mount -t ext4 " + device + " " + FILES));
            steps.took("the same disk: umount, by a shell", () -> shell.run("umount " + FILES));
            steps.took("the same disk: e2fsck, by a shell", () -> shell.run("e2fsck -f -n " + device));
            steps.took("a process of a shell", () -> shell.run("env true"));
        }
        shown.delete();
        disk.delete();
    }

    private void goals(boolean withPeer) {
        System.out.printf("%nstates a second with mount and check: %.1f (goal 25)%n", steps.perSecond(MOUNTED));
        if (withPeer) {
            System.out.printf(
                    "states a second without mount: %.1f times the replay tool's, one call a state, "
                            + "%.1f times with a snapshot of it (goal 10), %.1f times its own loop's%n",
                    steps.perSecond(BARE) / steps.perSecond(CrashPeer.BARE),
                    steps.perSecond(BARE) / steps.perSecond(CrashPeer.ISOLATED),
                    steps.perSecond(BARE) / steps.perSecond(CrashPeer.LOOP));
            System.out.printf(
                    "states a second with mount and check: %.1f times the replay tool's%n",
                    steps.perSecond(MOUNTED) / steps.perSecond(CrashPeer.MOUNTED));
        }
    }

    static String mkfs(String device) {
        return "mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0,nodiscard " + device;
    }

    static DiskSpec.Builder ext4() {
        return DiskSpec.builder().size("64MiB").fileSystem(FileSystem.EXT4).mounted(true);
    }

    /** What crashes are looked for in: ours and the peer's are the same. */
    static void workload(Path folder) throws Exception {
        for (int i = 0; i < WRITES; i++) {
            Path file = folder.resolve("file-" + i);
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.allocate(20_000));
                channel.force(true);
            }
        }
    }
}
