package io.ublkdisk.block;

import java.nio.ByteBuffer;

/**
 * A disk of zones that are each written from front to back ({@code UBLK_F_ZONED}, host-managed). Its device is a zoned one, and
 * needs the data mode USER_COPY.
 *
 * <p>READ, WRITE and FLUSH come as to any backend; a WRITE that does not begin at its zone's write pointer must fail.
 * Requests that only a zoned disk gets come by the methods here, on the thread of their queue. With several queues, several
 * come at a time. They must not block for longer than all other requests of the queue may wait.
 */
public interface ZonedBackend extends Backend {

    /** {@code UBLK_IO_OP_ZONE_*}, of one zone. */
    enum Action {
        /** Opens a zone by request. */
        OPEN,
        /** Closes an open zone. */
        CLOSE,
        /** Makes a zone full. */
        FINISH,
        /** Makes a zone empty. */
        RESET
    }

    /** Bytes of each zone: a power of two from 4 KiB on, of which the disk has a whole number. A constant. */
    long zoneBytes();

    /** Returns how many zones may be open at the same time; 0 for no limit. A constant. */
    default int maxOpenZones() {
        return 0;
    }

    /** Returns how many may be open or closed, that is neither empty nor full, at the same time; 0 for no limit. A constant. */
    default int maxActiveZones() {
        return 0;
    }

    /** Returns the zone of that index, now. */
    Zone zone(int index);

    /** Carries out the action, and returns how that ended. */
    BlockStatus manage(Action action, int zone);

    /**
     * Writes at the zone's write pointer, wherever that is.
     *
     * @param data its first {@code lengthBytes}, by absolute access
     * @return the sector where the data are now, or -1 if they could not be written
     */
    long append(int zone, ByteBuffer data, int lengthBytes);
}
