package io.ublkdisk.bench;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;

/**
 * How long it takes to a fresh mounted ext4, and to its end, beside what a shell does with loop devices; one run in one machine
 * ({@code vm/bench fresh}).
 */
final class FreshDisk {
    private static final String FILES = CrashRate.FILES;
    private static final String FRESH = "ours: prepared, mounted";
    private static final String PREPARE = "ours: the next one prepared";
    private static final String END = "ours: unmounted, deleted later";
    private static final String COPIED = "loop: a copied image, mounted";
    private static final String LOOP_END = "loop: its end";

    private static final int DISKS = 40;
    /** As long as a test may last in which the next disk is made, and the last one goes. */
    private static final int TEST_MILLIS = 200;

    private final Steps steps = new Steps();
    private final KeptShell shell;
    private final ServerConnection server;

    private FreshDisk(KeptShell shell, ServerConnection server) {
        this.shell = shell;
        this.server = server;
    }

    public static void main(String[] arguments) throws Exception {
        try (KeptShell shell = new KeptShell()) {
            shell.run("mkdir -p " + FILES);
            FreshDisk fresh = new FreshDisk(shell, ServerProcess.shared().connection());
            fresh.ours();
            fresh.loop();
            fresh.steps.print();
            fresh.goals();
        }
    }

    private void ours() throws Exception {
        DiskSpec ext4 = CrashRate.ext4().build();
        for (int i = 0; i < DISKS; i++) {
            DiskSpec another = CrashRate.ext4().size(65 + i + "MiB").build();
            steps.timed("ours: mkfs, mounted", () -> server.create(another)).delete();
            RemoteDisk disk = steps.timed("ours: from a template, mounted", () -> server.create(ext4));
            steps.took("ours: deleted", disk::delete);
            RemoteDisk bare = steps.timed(
                    "ours: from a template, not mounted",
                    () -> server.create(CrashRate.ext4().mounted(false).build()));
            bare.delete();
        }
        server.prepare(ext4);
        for (int i = 0; i < DISKS; i++) {
            Thread.sleep(TEST_MILLIS);
            RemoteDisk disk = steps.timed(FRESH, () -> server.create(ext4));
            steps.took(PREPARE, () -> server.prepare(ext4));
            Thread.sleep(TEST_MILLIS);
            steps.took(END, disk::retire);
        }
        for (int i = 0; i < DISKS; i++) {
            steps.took("ours: a cycle without a test in it", () -> {
                RemoteDisk disk = server.create(ext4);
                server.prepare(ext4);
                disk.retire();
            });
        }
    }

    private void loop() throws Exception {
        shell.run("truncate -s 64M /tmp/made.img && " + CrashRate.mkfs("/tmp/made.img"));
        for (int i = 0; i < DISKS; i++) {
            steps.took(
                    COPIED,
                    () -> shell.run(
                            "cp --sparse=always /tmp/made.img /tmp/copy.img && mount -t ext4 -o loop /tmp/copy.img "
                                    + FILES));
            steps.took(LOOP_END, () -> shell.run("umount " + FILES + " && rm /tmp/copy.img"));
            steps.took(
                    "loop: mkfs, mounted",
                    () -> shell.run("truncate -s 64M /tmp/new.img && " + CrashRate.mkfs("/tmp/new.img")
                            + " && mount -t ext4 -o loop /tmp/new.img " + FILES));
            shell.run("umount " + FILES + " && rm /tmp/new.img");
        }
    }

    private void goals() {
        double ours = steps.medianMillis(FRESH);
        double loop = steps.medianMillis(COPIED);
        System.out.printf("%nfresh mounted ext4: %.2f of a copied image's time (goal 1)%n", ours / loop);
        System.out.printf(
                "whole cycle, its end too: %.2f of a copied image's (goal 1)%n",
                (ours + steps.medianMillis(PREPARE) + steps.medianMillis(END)) / (loop + steps.medianMillis(LOOP_END)));
    }
}
