package io.ublkdisk.disk;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.cache.PowerCut;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.cache.WriteCache;
import io.ublkdisk.fault.FaultListener;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.link.Link;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;

/**
 * A drive that fails on cue. It wires three parts, each of which hands a request on to the next: {@link Link} (whether and
 * when), {@link WriteCache} (acknowledged, not yet durable), and the media in it with their faults. It holds power and
 * snapshots.
 *
 * <p><b>Threads.</b> Requests on several queue threads, everything else on any thread.
 */
public final class Drive implements Backend {
    private final DriveBuilder settings;
    private final PagePool pool;
    private final long sizeBytes;
    private final Rules rules;
    private final WriteCache cache;
    private final Requests requests;
    private final Link link;

    /** @param file null for a drive in memory alone */
    Drive(CowMedia media, DriveBuilder settings, BaseFile file, Rules rules) {
        this.settings = settings.copy();
        this.pool = media.pool();
        this.sizeBytes = media.sizeBytes();
        this.rules = rules;
        this.cache = new WriteCache(media, file, settings.volatileCache(), settings.cacheBytes(), settings.clock());
        this.requests = new Requests(cache, sizeBytes, settings.blockSectors());
        this.link = new Link(rules, cache, requests, settings.blockSectors());
        Refusals.serve(rules, cache, sizeBytes, file != null);
    }

    /** Begins the description of a drive. */
    public static DriveBuilder builder() {
        return new DriveBuilder();
    }

    @Override
    public void submit(Request request) {
        TaggedState state = requests.arrived(request);
        if (requests.isOnDisk(request)) {
            link.submit(request, state);
        } else {
            requests.end(request, state, BlockStatus.IO);
        }
    }

    /** Returns what goes wrong with the drive. */
    public Rules rules() {
        return rules;
    }

    /** Returns what counts the requests. */
    public Requests requests() {
        return requests;
    }

    /** Returns the first part, which delays, holds and fails requests. */
    public Link link() {
        return link;
    }

    /** Returns the second part, which has what is not durable. */
    public WriteCache cache() {
        return cache;
    }

    /** Shows requests and faults to these listeners from now on; null for none, and then nothing is done for it. */
    public void listen(RequestListener toRequests, FaultListener toFaults) {
        requests.listen(toRequests);
        link.listen(toFaults);
        cache.listen(toFaults);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Returns the unit of every request, in bytes. */
    public int logicalBlockSize() {
        return settings.logicalBlockSize();
    }

    /** Returns the memory that the drive is made of, which it may share with others. */
    public PagePool pool() {
        return pool;
    }

    /**
     * Takes the power: the drive keeps what is durable and what survives, and fails every request until {@link
     * WriteCache#powerOn}, also requests that are waiting or held. Nothing is told to the kernel and nothing flushed.
     *
     * @throws IllegalStateException if the power is off already
     */
    public PowerCut powerCut(SurvivalPolicy policy) {
        PowerCut cut = link.takeWaiting(writes -> cache.powerCut(policy.onBlocksOf(settings.blockSectors()), writes));
        link.releaseHeld();
        return cut;
    }

    /** Returns the drive that a power cut now would leave, with power and without rules. To be closed by itself. */
    public Drive crashImage(SurvivalPolicy policy) {
        return link.showWaiting(
                writes -> settings.build(cache.crashImage(policy.onBlocksOf(settings.blockSectors()), writes)));
    }

    /** Returns a second drive with the bytes that reads see now, all durable, and without rules. To be closed by itself. */
    public Drive fork() {
        return settings.build(cache.fork());
    }

    /** Keeps all that happens to the disk from now on, until it is stopped. To be closed. */
    public Recording record() {
        return new Recording(pool, logicalBlockSize(), cache);
    }

    /** Keeps the bytes that reads see now. */
    public Snapshot snapshot() {
        return new Snapshot(cache.fork());
    }

    /** Gives the disk the bytes of a snapshot. @throws IllegalArgumentException if size, pool or file are not the same */
    public void rewind(Snapshot snapshot) {
        snapshot.checkFits(sizeBytes);
        cache.rewind(snapshot.fork());
    }

    /**
     * Gives all memory back. Idempotent. A drive on a file flushes first, as one that is shut down in an orderly way.
     *
     * @throws IllegalStateException if snapshots, forks or crash images of a drive on a file are open; nothing is closed then
     */
    @Override
    public void close() {
        cache.close();
        link.endHolds();
    }
}
