package io.ublkdisk.disk;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.Stage;
import io.ublkdisk.cache.Change;
import io.ublkdisk.cache.DurabilityListener;
import io.ublkdisk.cache.DurableOrder;
import io.ublkdisk.cache.PowerCut;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.cache.WriteCache;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.Effect;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleTable;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.fault.effect.LieEffect;
import io.ublkdisk.fault.effect.StaleEffect;
import io.ublkdisk.link.HeldRequest;
import io.ublkdisk.link.HeldRequests;
import io.ublkdisk.link.WaitingWrites;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.CorruptionPattern;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A drive that fails on cue. A request passes its three parts, and each is where some faults happen:
 *
 * <pre>
 *   submit ──▶  link  ─────────────▶  cache  ─────────────▶  media
 *               whether and when      acknowledged,          the bytes, always the right ones;
 *               it goes on            not yet durable        faults lie over what is read
 * </pre>
 *
 * <p>{@link #rules} says what goes wrong; without a rule a request pays one test for null. {@link #powerCut} takes the power
 * and what the cache had not made durable, {@link #crashImage} makes the drive that such a cut would leave and lets this one
 * go on, {@link #snapshot}, {@link #rewind} and {@link #fork} keep and bring back whole disks at once.
 *
 * <p><b>Threads.</b> Requests on several queue threads, everything else on any thread.
 */
public final class Drive implements Backend {
    private final DriveBuilder settings;
    private final long sectors;
    private final int blockSectorMask;
    private final PagePool pool;
    private final Rules rules;
    private final WriteCache cache;
    private final SectorRedirector routes;
    private final Counters counters = new Counters();
    private final HeldRequests held = new HeldRequests();
    private final WaitingWrites inFlight = new WaitingWrites();
    private final Stage afterDelay = this::afterDelay;
    private final Stage afterHold = this::afterHold;
    private volatile Consumer<Request> onArrival;
    private volatile RequestListener witness;
    private volatile FaultReporter evidence;

    /** @param file null for a drive in memory alone */
    Drive(CowMedia media, DriveBuilder settings, BaseFile file, Rules rules) {
        this.settings = settings.copy();
        this.sectors = Sectors.ofBytes(media.sizeBytes());
        this.blockSectorMask = (int) Sectors.ofBytes(settings.logicalBlockSize()) - 1;
        this.pool = media.pool();
        this.rules = rules;
        this.cache = new WriteCache(media, file, settings.volatileCache(), settings.cacheBytes(), settings.clock());
        this.routes = new SectorRedirector(cache, sectors);
        rules.serve(
                effect -> refusal(effect, file != null),
                armed -> cache.keepEarlier(armed.stream().anyMatch(StaleEffect.class::isInstance)));
    }

    private Optional<String> refusal(Effect effect, boolean onFile) {
        if (effect instanceof LieEffect && !hasVolatileCache()) {
            return Optional.of(
                    "it has no volatile cache, so nobody asks it to make anything durable; switch the cache on");
        }
        if (effect instanceof StaleEffect && onFile) {
            return Optional.of("it stands on a file, which keeps no earlier versions; use a disk in memory");
        }
        return Optional.empty();
    }

    public static DriveBuilder builder() {
        return new DriveBuilder();
    }

    /** What goes wrong with it. */
    public Rules rules() {
        return rules;
    }

    /**
     * Arms rules, all of them or none.
     *
     * @return their names, in order
     * @throws IllegalArgumentException if one names sectors that the disk has not, or a name that is armed already
     */
    public List<String> arm(List<Rule> wanted) {
        wanted.forEach(rule -> rule.checkAgainst(sizeBytes()));
        return rules.addAll(wanted);
    }

    @Override
    public long sizeBytes() {
        return Sectors.toBytes(sectors);
    }

    public int logicalBlockSize() {
        return settings.logicalBlockSize();
    }

    /** Whether writes need a FLUSH or FUA to be durable; the device has to tell the kernel so. */
    public boolean hasVolatileCache() {
        return settings.volatileCache();
    }

    /** The memory that the drive is made of, which it may share with others. */
    public PagePool pool() {
        return pool;
    }

    @Override
    public void submit(Request request) throws Exception {
        Consumer<Request> watcher = onArrival;
        if (watcher != null) {
            watcher.accept(request);
        }
        RequestState flight = RequestState.of(request, counters);
        flight.powerCycle = cache.powerCycle();
        flight.flushBelow = cache.nextSequence();
        flight.isFaulty = false;
        flight.counters.arrived(request);
        RequestListener watching = witness;
        if (watching == null) {
            flight.number = 0;
        } else {
            flight.arrivedNanos = Clock.nanos();
            flight.number = watching.arrived(request);
        }
        if (!isOnDisk(request)) {
            end(request, flight, BlockStatus.IO);
            return;
        }
        RuleTable table = rules.table();
        if (table == null) {
            serve(request, flight);
        } else {
            link(request, flight, table);
        }
    }

    /** Whole blocks, and none past the end. */
    private boolean isOnDisk(Request request) {
        if (request.operation() == Operation.FLUSH) {
            return true;
        }
        long sector = request.sector();
        int count = request.sectorCount();
        return sector >= 0 && count > 0 && sector <= sectors - count && ((sector | count) & blockSectorMask) == 0;
    }

    private void link(Request request, RequestState flight, RuleTable table) {
        Decision decision = flight.decision;
        // Rules of a drive without power neither count nor fire.
        if (!cache.isPowered() || !table.decide(request, decision)) {
            serve(request, flight);
            return;
        }
        flight.isFaulty = true;
        flight.counters.faults(decision.firedAtOnce());
        FaultReporter seen = evidence;
        if (seen != null) {
            seen.ofLink(request, flight);
        }
        if (decision.delayNanos() > 0) {
            waits(request, flight);
            request.runAt(Clock.nanos() + decision.delayNanos(), afterDelay);
        } else {
            afterDelay(request);
        }
    }

    private void afterDelay(Request request) {
        RequestState flight = RequestState.of(request);
        int arrivedIn = flight.powerCycle;
        if (!flight.decision.hold()) {
            afterHold(request);
            return;
        }
        waits(request, flight);
        if (!held.park(request, flight.decision.holder())) {
            afterHold(request);
        } else if (cache.powerCycle() != arrivedIn) {
            releaseHeld(); // the cut that lets go of all came between the arrival and here
        } else {
            releaseOrphans(); // so may have the end of the rule
        }
    }

    private void waits(Request request, RequestState flight) {
        if (request.operation() == Operation.WRITE && !flight.waits) {
            flight.waits = true;
            inFlight.enter(request);
        }
    }

    /** @return false if a power cut has taken it */
    private boolean waitsNoMore(Request request) {
        RequestState flight = RequestState.of(request);
        boolean waited = flight.waits;
        flight.waits = false;
        return !waited || inFlight.leave(request);
    }

    private void afterHold(Request request) {
        RequestState flight = RequestState.of(request);
        if (!waitsNoMore(request)) {
            end(request, flight, BlockStatus.IO);
            return;
        }
        Decision decision = flight.decision;
        if (!decision.failed()) {
            serve(request, flight);
            return;
        }
        int reaches = Math.min(decision.failAfterSectors(), request.sectorCount()) & ~blockSectorMask;
        if (reaches > 0 && request.operation() == Operation.WRITE) {
            damage(request, flight);
            cache.write(flight.powerCycle, request.flags(), request.sector(), reaches, request.data(), flight.pages);
        }
        end(request, flight, decision.status());
    }

    /** The request goes through cache and media, and ends. */
    private void serve(Request request, RequestState flight) {
        boolean done;
        try {
            done = switch (request.operation()) {
                case READ -> read(request, flight);
                case WRITE -> write(request, flight);
                case FLUSH -> cache.flush(flight.powerCycle, flight.flushBelow, lies(flight));
                case DISCARD, WRITE_ZEROES -> zero(request, flight);
            };
        } catch (RuntimeException | Error e) {
            if (flight.isFaulty) {
                settle(request, flight, BlockStatus.IO);
            }
            watchEnd(request, flight, BlockStatus.IO); // with which its owner ends it
            throw e;
        }
        FaultReporter seen = evidence;
        if (done && flight.isFaulty && seen != null) {
            seen.ofWay(request, flight);
        }
        end(request, flight, done ? BlockStatus.OK : BlockStatus.IO);
    }

    private void end(Request request, RequestState flight, BlockStatus status) {
        BlockStatus how = flight.isFaulty ? settle(request, flight, status) : status;
        watchEnd(request, flight, how);
        request.finish(how);
    }

    /**
     * Counts the rules that have changed bytes of a request that is faulty, which may be the moment of a script for a power cut.
     *
     * @return how the request ends: with an error if the power has gone by that
     */
    private BlockStatus settle(Request request, RequestState flight, BlockStatus status) {
        int fired = flight.decision.settle(request, status == BlockStatus.OK);
        if (fired == 0) {
            return status;
        }
        flight.counters.faults(fired);
        return cache.serves(flight.powerCycle) ? status : BlockStatus.IO;
    }

    private void watchEnd(Request request, RequestState flight, BlockStatus status) {
        RequestListener watching = witness;
        if (watching != null && flight.number != 0) {
            String rule = flight.isFaulty ? flight.firstRule() : "";
            watching.ended(request, flight.number, flight.arrivedNanos, status, counters.flushes(), rule);
        }
    }

    private void damage(Request request, RequestState flight) {
        FaultReporter seen = evidence;
        if (flight.isFaulty && seen != null) {
            seen.ofBytes(request, flight);
        } else if (flight.isFaulty) {
            flight.decision.damage(request);
        }
    }

    private boolean read(Request request, RequestState flight) {
        boolean done = flight.isFaulty && SectorRedirector.turnsAside(flight.decision)
                ? routes.read(request, flight)
                : cache.read(flight.powerCycle, request.sector(), request.sectorCount(), request.data());
        if (!done) {
            return false;
        }
        damage(request, flight);
        flight.counters.read(request.lengthBytes());
        return true;
    }

    private boolean write(Request request, RequestState flight) {
        damage(request, flight);
        boolean done = flight.isFaulty
                ? routes.write(request, flight, lies(flight))
                : cache.write(
                        flight.powerCycle,
                        request.flags(),
                        request.sector(),
                        request.sectorCount(),
                        request.data(),
                        flight.pages);
        if (!done) {
            return false;
        }
        flight.counters.written(request.lengthBytes());
        return true;
    }

    private boolean zero(Request request, RequestState flight) {
        return flight.isFaulty
                ? routes.zero(request, flight)
                : cache.zero(
                        flight.powerCycle,
                        request.operation(),
                        request.flags(),
                        request.sector(),
                        request.sectorCount());
    }

    private static List<LieEffect> lies(RequestState flight) {
        return flight.isFaulty ? flight.decision.lies() : List.of();
    }

    public DriveStats stats() {
        return counters.stats(cache.unflushedCount(), cache.unflushedBytes(), cache.isPowered());
    }

    /** What a power cut now could take, the oldest first. */
    public List<Change> unflushed() {
        return cache.unflushed();
    }

    /** Lets every held request go on. @return how many those were */
    public int releaseHeld() {
        return held.release(afterHold);
    }

    /** Lets those go on that this rule holds; it stays armed. @return how many those were */
    public int releaseHeld(String rule) {
        return held.release(rule, afterHold);
    }

    /** Lets those go on whose rule is armed no more, or has another in its place. */
    private int releaseOrphans() {
        return held.release(rule -> !rules.has(rule), afterHold);
    }

    /**
     * Puts a rule in the place of the one of the same name, as {@link Rules#replace} does; what that one holds goes on.
     *
     * @throws IllegalArgumentException if it names sectors that the disk has not, or has no name
     */
    public void replace(Rule rule) {
        rule.checkAgainst(sizeBytes());
        rules.replace(rule);
        releaseOrphans();
    }

    /** The requests that this rule holds now, in the order in which they came. */
    public List<HeldRequest> heldBy(String rule) {
        return held.requests(rule);
    }

    /** Ends those that this rule holds with an error, as if they had never reached the disk. @return how many those were */
    public int failHeld(String rule, BlockStatus how) {
        return held.release(rule, request -> {
            waitsNoMore(request);
            end(request, RequestState.of(request), how);
        });
    }

    /**
     * Waits until that rule holds a request.
     *
     * @return how many it holds; 0 when the time is up
     */
    public int awaitHeld(String rule, Duration limit) throws InterruptedException {
        return held.await(rule, limit);
    }

    /** From now on, show that one each request as it arrives, before anything else. On the queue thread. Null for nobody. */
    public void onArrival(Consumer<Request> watcher) {
        onArrival = watcher;
    }

    /**
     * From now on, show those what happens.
     *
     * @param requests is shown every request; null for nobody, and then nothing is done for it
     * @param faults is shown what rules do; null for nobody
     */
    public void watch(RequestListener requests, FaultWitness faults) {
        witness = requests;
        evidence = faults == null ? null : new FaultReporter(faults);
    }

    /**
     * Damages bytes at rest, under whoever uses the disk and without a request: bit rot that has happened. It is durable; a write of
     * the sector, or {@link #rewind}, takes it away.
     *
     * @param seed which bits, which noise
     * @return which bytes changed, in words
     * @throws IllegalArgumentException if the range is not on the disk
     */
    public String damage(long offsetBytes, long lengthBytes, CorruptionPattern injury, long seed) {
        return new AtRestCorruption(cache, sizeBytes()).damage(offsetBytes, lengthBytes, injury, seed);
    }

    /** From now on no request is held, and those that are go on. To be called before the device is stopped. */
    public void endHolds() {
        held.end();
        releaseHeld();
    }

    /**
     * Takes the power: the drive keeps what is durable and what survives, and fails every request until {@link #powerOn},
     * those included that are waiting. Held requests are let go, to fail. Nothing is told to the kernel and nothing flushed.
     *
     * @throws IllegalStateException if the power is off already
     */
    public PowerCut powerCut(SurvivalPolicy survivors) {
        PowerCut cut;
        synchronized (inFlight) {
            cut = cache.powerCut(survivors.onBlocksOf(blockSectorMask + 1), inFlight.writes());
            inFlight.clear();
        }
        tellPower("cut: " + cut);
        releaseHeld();
        return cut;
    }

    /** The power is back. @return false if it was on */
    public boolean powerOn() {
        boolean on = cache.powerOn();
        if (on) {
            tellPower("on");
        }
        return on;
    }

    private void tellPower(String text) {
        FaultReporter seen = evidence;
        if (seen != null) {
            seen.ofPower(text);
        }
    }

    public boolean isPowered() {
        return cache.isPowered();
    }

    /** Returns how often the power went or came back: odd without power. */
    public int powerCycle() {
        return cache.powerCycle();
    }

    /** The drive that a power cut now would leave, with power and without rules. This one goes on. To be closed by itself. */
    public Drive crashImage(SurvivalPolicy survivors) {
        synchronized (inFlight) {
            return settings.build(cache.crashImage(survivors.onBlocksOf(blockSectorMask + 1), inFlight.writes()));
        }
    }

    /** A second drive with the bytes that reads see now, all of them durable, and without rules. To be closed by itself. */
    public Drive fork() {
        return settings.build(cache.fork());
    }

    /** Keeps all that happens to the disk from now on, until it is stopped. To be closed. */
    public Recording record() {
        return new Recording(pool, logicalBlockSize(), cache);
    }

    /** Shows that one what the disk has now and whatever becomes durable, until that is closed. */
    public DurableOrder show(DurabilityListener witness) {
        return new DurableOrder(pool, witness, cache);
    }

    /** Keeps the bytes that reads see now. */
    public Snapshot snapshot() {
        return new Snapshot(cache.fork());
    }

    /**
     * From now on the disk has the bytes of that snapshot, all of them durable, and nothing is unflushed. Not to be done under
     * a mounted filesystem.
     *
     * @throws IllegalArgumentException if the snapshot is of a disk of another size, pool or file
     */
    public void rewind(Snapshot snapshot) {
        if (snapshot.sizeBytes() != sizeBytes()) {
            throw new IllegalArgumentException("the snapshot is of a disk of " + snapshot.sizeBytes()
                    + " bytes, this one has " + sizeBytes() + "; rewind to a snapshot of this disk");
        }
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
        endHolds();
    }
}
