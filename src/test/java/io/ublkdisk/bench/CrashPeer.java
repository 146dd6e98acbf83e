package io.ublkdisk.bench;

import java.nio.file.Path;

/**
 * The same with dm-log-writes and the program that replays its logs, as xfstests use them: entry after entry onto one RAM disk,
 * and what is mounted is a snapshot of that, since a mount writes. It makes states in which order was kept, and no others.
 */
final class CrashPeer {
    static final String BARE = "peer: a state, one call of it each";
    static final String ISOLATED = "peer: a state, one call, and a snapshot of it";
    static final String LOOP = "peer: a state, in its own loop, with a check by true";
    static final String MOUNTED = "peer: a state, snapshot, mount, umount, e2fsck";

    /** A loop device, because the target logs what a flush has covered, and RAM disks get none. */
    private static final String ORIGIN = "/dev/loop5";

    private static final String LOG = "/dev/ram1";
    private static final String TARGET = "/dev/ram2";
    private static final String DIFFERENCE = "/dev/ram3";
    private static final int WITH_MOUNT = 20;

    private final Steps steps;
    private final KeptShell shell;
    private final String program;
    private int entries;

    CrashPeer(Steps steps, KeptShell shell, String program) {
        this.steps = steps;
        this.shell = shell;
        this.program = program;
    }

    void run() throws Exception {
        record();
        int first = firstWithFileSystem();
        for (int entry = first; entry < entries; entry++) {
            String next = replay("--start-entry " + entry + " --limit 1");
            steps.took(BARE, () -> shell.run(next));
        }
        shell.run(replay("--limit " + first));
        for (int i = 0; i < WITH_MOUNT && first + i < entries; i++) {
            String next = replay("--start-entry " + (first + i) + " --limit 1");
            steps.took(ISOLATED, () -> shell.run(next + " && " + snapshot("true")));
        }
        shell.run(replay("--limit " + first));
        int count = entries - first;
        long begin = System.nanoTime();
        shell.run(replay("--start-entry " + first + " --check 1 --fsck true"));
        long each = (System.nanoTime() - begin) / count;
        for (int i = 0; i < count; i++) {
            steps.note(LOOP, each);
        }
        shell.run(replay("--limit " + first));
        for (int i = 0; i < WITH_MOUNT && first + i < entries; i++) {
            String next = replay("--start-entry " + (first + i) + " --limit 1");
            steps.took(
                    MOUNTED,
                    () -> shell.run(next + " && "
                            + snapshot("mount -t ext4 /dev/mapper/crash " + CrashRate.FILES + " && umount "
                                    + CrashRate.FILES + " && e2fsck -f -n /dev/mapper/crash")));
        }
    }

    private void record() throws Exception {
        shell.run("truncate -s 64M /tmp/origin.img && losetup " + ORIGIN + " /tmp/origin.img");
        shell.run(CrashRate.mkfs(ORIGIN) + " && dd if=" + ORIGIN + " of=" + TARGET + " bs=1M conv=fsync");
        shell.run("dmsetup create logged --table \"0 $(blockdev --getsz " + ORIGIN + ") log-writes " + ORIGIN + " "
                + LOG + "\" && mount -t ext4 /dev/mapper/logged " + CrashRate.FILES
                + " && dmsetup message logged 0 mark mounted");
        CrashRate.workload(Path.of(CrashRate.FILES));
        shell.run("umount " + CrashRate.FILES + " && dmsetup remove logged");
        entries = Integer.parseInt(shell.run(program + " --log " + LOG + " --num-entries"));
        System.out.println("dm-log-writes: " + entries + " entries");
    }

    /** Behind the mark, and so behind what the mount itself wrote. */
    private int firstWithFileSystem() throws Exception {
        String found = shell.run(program + " --log " + LOG + " --find --end-mark mounted");
        return Integer.parseInt(found.substring(0, found.indexOf('@'))) + 1;
    }

    private String replay(String part) {
        return program + " --log " + LOG + " --replay " + TARGET + " " + part + " >/dev/null";
    }

    private static String snapshot(String work) {
        return "dd if=/dev/zero of=" + DIFFERENCE
                + " bs=4k count=1 2>/dev/null && dmsetup create crash --table \"0 $(blockdev --getsz " + TARGET
                + ") snapshot " + TARGET + " " + DIFFERENCE + " P 8\" && " + work + " && dmsetup remove crash";
    }
}
