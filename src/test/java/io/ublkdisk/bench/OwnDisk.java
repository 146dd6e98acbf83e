package io.ublkdisk.bench;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Our RAM disk, of the one server that a test's JVM has too. */
final class OwnDisk implements Target {
    private static final int RULES = 1000;
    /** As long as nobody says FLUSH: what reads see, what is durable, and what is between them. */
    private static final int CACHE_MIB = 256;

    private static final int RULES_AT_ONCE = 250;

    private final String name;
    private final int journal;
    private final boolean cache;
    private final boolean hasRules;
    private RemoteDisk disk;

    private OwnDisk(String name, int journal, boolean cache, boolean hasRules) {
        this.name = name;
        this.journal = journal;
        this.cache = cache;
        this.hasRules = hasRules;
    }

    static List<Target> all() {
        return List.of(
                new OwnDisk("ublkdisk", 0, true, false),
                new OwnDisk("ublkdisk-rules", 0, true, true),
                new OwnDisk("ublkdisk-journal", 8192, true, false),
                new OwnDisk("ublkdisk-nocache", 0, false, false));
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
    public int memoryMib(int sizeMib) {
        return cache ? 2 * sizeMib + CACHE_MIB : sizeMib;
    }

    @Override
    public Path open(int queues, int sizeMib) throws Exception {
        disk = ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder()
                        .sizeBytes(sizeBytes(sizeMib))
                        .queues(queues)
                        .journalRequests(journal)
                        .volatileCache(cache)
                        .build());
        if (hasRules) {
            arm(sizeMib);
        }
        return disk.device();
    }

    @Override
    public void close() throws IOException {
        if (disk != null) {
            disk.delete();
            disk = null;
        }
    }

    /** Room behind what is used, for rules that are about what nobody asks for. */
    static long sizeBytes(int usedMib) {
        return (long) usedMib + RULES / 16 << 20;
    }

    /** A quarter bad sectors, a quarter slow ones, where nobody goes; the others about what fio does not do. */
    static List<String> rules(int usedMib) {
        return IntStream.range(0, RULES)
                .mapToObj(i -> rule(i, ((long) usedMib << 11) + 64L * i))
                .toList();
    }

    private static String rule(int i, long sector) {
        return switch (i % 4) {
            case 0 -> "on read sectors " + sector + "+8 fail MEDIUM";
            case 1 -> "on read,write sectors " + sector + "+8 delay 1ms";
            case 2 -> "on fua nth " + (i + 1) + " fail IO";
            default -> "on write metadata fail IO";
        };
    }

    private void arm(int usedMib) throws IOException {
        List<String> all = rules(usedMib);
        for (int i = 0; i < RULES; i += RULES_AT_ONCE) {
            disk.rules().addScript(String.join("\n", all.subList(i, Math.min(i + RULES_AT_ONCE, RULES))));
        }
        if (disk.rules().reports().size() != RULES) {
            throw new IOException(disk.rules().reports().size() + " rules are armed, and not " + RULES);
        }
    }
}
