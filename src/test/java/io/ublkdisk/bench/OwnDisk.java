package io.ublkdisk.bench;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Our RAM disk, of the one server that a test's JVM has too. */
final class OwnDisk implements Target {
    private static final int RULES = 1000;

    private final String name;
    private final int journal;
    private final boolean cache;
    private final int rules;
    private RemoteDisk disk;

    private OwnDisk(String name, int journal, boolean cache, int rules) {
        this.name = name;
        this.journal = journal;
        this.cache = cache;
        this.rules = rules;
    }

    static List<Target> all() {
        return List.of(
                new OwnDisk("ublkdisk", 0, true, 0),
                new OwnDisk("ublkdisk-rules", 0, true, RULES),
                new OwnDisk("ublkdisk-journal", 8192, true, 0),
                new OwnDisk("ublkdisk-nocache", 0, false, 0));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isOurs() {
        return true;
    }

    @Override
    public Path open(int queues, int sizeMib) throws Exception {
        disk = ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder()
                        // Room behind what fio uses, for rules that are about what nobody asks for.
                        .sizeBytes((long) sizeMib + RULES / 16 << 20)
                        .queues(queues)
                        .journalRequests(journal)
                        .volatileCache(cache)
                        .build());
        arm(sizeMib);
        return disk.device();
    }

    @Override
    public void close() throws IOException {
        if (disk != null) {
            disk.delete();
            disk = null;
        }
    }

    /** A quarter bad sectors, a quarter slow ones, where nobody goes; the others about what fio does not do. */
    private void arm(int sizeMib) throws IOException {
        StringBuilder script = new StringBuilder();
        for (int i = 0; i < rules; i++) {
            long sector = ((long) sizeMib << 11) + 64L * i;
            script.append(
                            switch (i % 4) {
                                case 0 -> "on read sectors " + sector + "+8 fail MEDIUM";
                                case 1 -> "on read,write sectors " + sector + "+8 delay 1ms";
                                case 2 -> "on fua nth " + (i + 1) + " fail IO";
                                default -> "on write metadata fail IO";
                            })
                    .append('\n');
            if (script.length() > 30_000 || i == rules - 1) {
                disk.rules().addScript(script.toString());
                script.setLength(0);
            }
        }
        if (disk.rules().reports().size() != rules) {
            throw new IOException(disk.rules().reports().size() + " rules are armed, and not " + rules);
        }
    }
}
