package io.ublkdisk.cache;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.CacheEffect;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.FaultListener;
import io.ublkdisk.media.FaultyMedia;
import io.ublkdisk.media.SectorStore;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Serves the requests about which a rule has something to say. A FLUSH or FUA write that lies is the cache's own fault. Bytes
 * are damaged by {@link FaultyMedia}, which also finds the sectors of a request that a rule redirects, through this class.
 */
final class FaultyRequests implements SectorStore {
    private final WriteCache cache;
    private final long sectors;
    private final FaultyMedia media = new FaultyMedia(this);
    private volatile FaultListener listener;

    FaultyRequests(WriteCache cache, long sectors) {
        this.cache = cache;
        this.sectors = sectors;
    }

    void listen(FaultListener wanted) {
        listener = wanted;
        media.listen(wanted);
    }

    void tellPower(String text) {
        FaultListener told = listener;
        if (told != null) {
            told.power(text);
        }
    }

    /** @return whether there was power */
    boolean serve(Request request, RequestState state) {
        Decision decision = state.decision();
        boolean done = switch (request.operation()) {
            case READ -> read(request, state);
            case WRITE -> write(request, state);
            case FLUSH -> cache.flush(state.powerCycle(), state.flushBelow(), decision.cacheEffects());
            case DISCARD, WRITE_ZEROES -> media.zero(request, decision);
        };
        if (done && listener != null) {
            tellLies(request, decision, listener);
        }
        return done;
    }

    private boolean read(Request request, RequestState state) {
        if (FaultyMedia.redirects(state.decision())) {
            return media.read(request, state.decision());
        }
        boolean done = cache.read(state.powerCycle(), request.sector(), request.sectorCount(), request.data());
        if (done) {
            media.damage(request, state.decision());
        }
        return done;
    }

    private boolean write(Request request, RequestState state) {
        media.damage(request, state.decision());
        return FaultyMedia.redirects(state.decision())
                ? media.write(request, state.decision())
                : write(request, request.sector(), request.sectorCount(), 0);
    }

    /** Stores the first sectors of a write that fails. */
    void writePart(Request request, RequestState state, int sectorCount) {
        media.damage(request, state.decision());
        cache.write(state.powerCycle(), request.flags(), request.sector(), sectorCount, request.data(), state.pages);
    }

    private static void tellLies(Request request, Decision decision, FaultListener told) {
        for (int i = 0; i < decision.count(); i++) {
            if (decision.effect(i) instanceof CacheEffect) {
                told.applied(
                        request,
                        decision.number(),
                        decision.rule(i),
                        BlockStatus.OK,
                        "acknowledged, and not made durable");
            }
        }
    }

    @Override
    public long sectors() {
        return sectors;
    }

    @Override
    public boolean isVolatile() {
        return cache.isVolatile();
    }

    @Override
    public boolean serves(Request request) {
        return cache.serves(RequestState.of(request).powerCycle());
    }

    @Override
    public boolean read(
            Request request, boolean earlier, long sector, int sectorCount, ByteBuffer into, int intoOffset) {
        return cache.read(RequestState.of(request).powerCycle(), earlier, sector, sectorCount, into, intoOffset);
    }

    @Override
    public boolean write(Request request, long sector, int sectorCount, int fromOffset) {
        RequestState state = RequestState.of(request);
        List<CacheEffect> lies = state.decision().cacheEffects();
        return cache.write(
                state.powerCycle(),
                request.flags(),
                lies,
                sector,
                sectorCount,
                request.data(),
                fromOffset,
                state.pages);
    }

    @Override
    public boolean zero(Request request, long sector, int sectorCount) {
        return cache.zero(
                RequestState.of(request).powerCycle(), request.operation(), request.flags(), sector, sectorCount);
    }

    @Override
    public ByteBuffer scratch(Request request) {
        return RequestState.of(request).sector();
    }
}
