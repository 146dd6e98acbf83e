package io.ublkdisk.backend;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.Zone;
import io.ublkdisk.block.Zone.Condition;
import io.ublkdisk.block.ZonedBackend;
import java.nio.ByteBuffer;

/**
 * A zoned disk in memory: all zones are written from front to back, and keep their write pointers. A test can make zones
 * read-only or offline, as the zones of a dying disk become. Thread safe.
 *
 * <pre>
 *   EMPTY ── write, append, open ──▶ open ── at its end, finish ──▶ FULL
 *     ▲                              │  ▲                            │
 *     │                        close ▼  │ write, append, open        │
 *     │                             CLOSED                           │
 *     └──────────────────────────── reset ───────────────────────────┘
 * </pre>
 */
public final class ZonedMemoryBackend implements ZonedBackend {
    private final MemoryBackend memory;
    private final long zoneBytes;
    private final int maxOpenZones;
    private final long[] writePointers;
    private final Condition[] conditions;

    public ZonedMemoryBackend(long sizeBytes, long zoneBytes) {
        this(sizeBytes, zoneBytes, 0);
    }

    /** @param maxOpenZones 0 for no limit; where one too many is written, one that was opened by a write is closed */
    public ZonedMemoryBackend(long sizeBytes, long zoneBytes, int maxOpenZones) {
        if (zoneBytes < 4096 || Long.bitCount(zoneBytes) != 1) {
            throw new IllegalArgumentException("zoneBytes " + zoneBytes + ": must be a power of two from 4096 on");
        }
        if (sizeBytes <= 0 || sizeBytes % zoneBytes != 0) {
            throw new IllegalArgumentException(
                    "sizeBytes " + sizeBytes + ": must be positive and a multiple of the zones' size, " + zoneBytes);
        }
        this.memory = new MemoryBackend(sizeBytes);
        this.zoneBytes = zoneBytes;
        this.maxOpenZones = maxOpenZones;
        int zones = Math.toIntExact(sizeBytes / zoneBytes);
        this.writePointers = new long[zones];
        this.conditions = new Condition[zones];
        for (int zone = 0; zone < zones; zone++) {
            empty(zone);
        }
    }

    @Override
    public long sizeBytes() {
        return memory.sizeBytes();
    }

    @Override
    public long zoneBytes() {
        return zoneBytes;
    }

    @Override
    public int maxOpenZones() {
        return maxOpenZones;
    }

    @Override
    public synchronized Zone zone(int index) {
        return new Zone(start(index), sectorsPerZone(), writePointers[index], conditions[index]);
    }

    /** Makes the zone {@link Condition#READ_ONLY} or {@link Condition#OFFLINE}, for good. */
    public synchronized void wearOut(int zone, Condition condition) {
        if (condition != Condition.READ_ONLY && condition != Condition.OFFLINE) {
            throw new IllegalArgumentException(condition + ": a worn-out zone is READ_ONLY or OFFLINE");
        }
        conditions[zone] = condition;
    }

    @Override
    public synchronized void submit(Request request) {
        switch (request.operation()) {
            case READ -> {
                if (conditions[index(request.sector())] == Condition.OFFLINE) {
                    request.fail(BlockStatus.IO);
                } else {
                    memory.submit(request);
                }
            }
            case WRITE -> {
                int zone = index(request.sector());
                if (request.sector() == writePointers[zone] && claim(zone, request.sectorCount())) {
                    memory.submit(request);
                } else {
                    request.fail(BlockStatus.IO);
                }
            }
            case FLUSH -> request.complete();
            default -> request.fail(BlockStatus.NOTSUPP);
        }
    }

    @Override
    public synchronized long append(int zone, ByteBuffer data, int lengthBytes) {
        long sector = writePointers[zone];
        if (!claim(zone, (int) Sectors.ofBytes(lengthBytes))) {
            return -1;
        }
        memory.write(Sectors.toBytes(sector), data, lengthBytes);
        return sector;
    }

    @Override
    public synchronized BlockStatus manage(Action action, int zone) {
        Condition now = conditions[zone];
        if (now == Condition.READ_ONLY || now == Condition.OFFLINE) {
            return BlockStatus.IO;
        }
        boolean done = switch (action) {
            case OPEN -> now != Condition.FULL && open(zone, Condition.EXPLICIT_OPEN);
            case CLOSE -> now.isOpen() ? close(zone) : now == Condition.CLOSED;
            case FINISH -> finish(zone);
            case RESET -> reset(zone);
        };
        return done ? BlockStatus.OK : BlockStatus.IO;
    }

    /** Makes the next sectors of the zone the writer's. */
    private boolean claim(int zone, int sectorCount) {
        Condition now = conditions[zone];
        boolean writable = now == Condition.EMPTY || now == Condition.CLOSED || now.isOpen();
        if (!writable || writePointers[zone] + sectorCount > start(zone) + sectorsPerZone()) {
            return false;
        }
        if (!now.isOpen() && !open(zone, Condition.IMPLICIT_OPEN)) {
            return false;
        }
        writePointers[zone] += sectorCount;
        if (writePointers[zone] == start(zone) + sectorsPerZone()) {
            conditions[zone] = Condition.FULL;
        }
        return true;
    }

    private boolean open(int zone, Condition how) {
        if (!conditions[zone].isOpen() && maxOpenZones > 0 && openZones() >= maxOpenZones && !closeAny()) {
            return false;
        }
        conditions[zone] = how;
        return true;
    }

    private int openZones() {
        int open = 0;
        for (Condition condition : conditions) {
            open += condition.isOpen() ? 1 : 0;
        }
        return open;
    }

    private boolean closeAny() {
        for (int zone = 0; zone < conditions.length; zone++) {
            if (conditions[zone] == Condition.IMPLICIT_OPEN) {
                return close(zone);
            }
        }
        return false;
    }

    private boolean close(int zone) {
        conditions[zone] = writePointers[zone] == start(zone) ? Condition.EMPTY : Condition.CLOSED;
        return true;
    }

    private boolean finish(int zone) {
        writePointers[zone] = start(zone) + sectorsPerZone();
        conditions[zone] = Condition.FULL;
        return true;
    }

    private boolean reset(int zone) {
        memory.zero(zone * zoneBytes, zoneBytes);
        empty(zone);
        return true;
    }

    private void empty(int zone) {
        writePointers[zone] = start(zone);
        conditions[zone] = Condition.EMPTY;
    }

    private int index(long sector) {
        return (int) (sector / sectorsPerZone());
    }

    private long start(int zone) {
        return zone * sectorsPerZone();
    }

    private long sectorsPerZone() {
        return Sectors.ofBytes(zoneBytes);
    }
}
