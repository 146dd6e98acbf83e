package io.ublkdisk.media;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.fault.DamageEffect;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.FaultListener;

/**
 * The faults of the media, over the sectors of the disk: which bytes arrive there, and which come back. Serves only requests
 * about which a rule has something to say.
 *
 * <p>A fault on a read is an overlay: without the rule the original bytes are back. A fault on a write changes the stored bytes
 * until they are written again.
 *
 * <p><b>Threads.</b> Several queue threads.
 */
public final class FaultyMedia {
    private final SectorRedirector redirector;
    private volatile FaultListener listener;

    public FaultyMedia(SectorStore store) {
        this.redirector = new SectorRedirector(store);
    }

    /** Tells that listener from now on what changes. Null for none, and then no text is made. */
    public void listen(FaultListener wanted) {
        listener = wanted;
    }

    /** Returns whether a rule sends sectors of the request elsewhere, or answers it with earlier bytes. */
    public static boolean redirects(Decision decision) {
        return SectorRedirector.redirects(decision);
    }

    /**
     * Fills the data of a request that {@link #redirects}, from where its sectors lie, and damages it.
     *
     * @return whether there was power, as with the methods below
     */
    public boolean read(Request request, Decision decision) {
        boolean done = redirector.read(request, decision);
        if (done) {
            damage(request, decision);
            tellRedirections(request, decision);
        }
        return done;
    }

    /** Stores the data of a request that {@link #redirects}, where its sectors go. It has been damaged before. */
    public boolean write(Request request, Decision decision) {
        boolean done = redirector.write(request, decision);
        if (done) {
            tellRedirections(request, decision);
        }
        return done;
    }

    /** Serves a DISCARD or WRITE_ZEROES. */
    public boolean zero(Request request, Decision decision) {
        boolean done = redirector.zero(request, decision);
        if (done) {
            tellRedirections(request, decision);
        }
        return done;
    }

    /** Damages the request's data as {@link #damage(Request, Decision, FaultListener)} does, and tells the listener. */
    public void damage(Request request, Decision decision) {
        damage(request, decision, listener);
    }

    /**
     * Applies the damage of all rules to the request's data: after a read has been filled, before a write is stored. In order;
     * two rules that damage the same sector both do.
     *
     * @param listener is told which bytes changed; null for none
     * @return how many sectors were changed, a sector counted once for each rule
     */
    public static int damage(Request request, Decision decision, FaultListener listener) {
        int changed = 0;
        for (int i = 0; i < decision.count(); i++) {
            if (!(decision.effect(i) instanceof DamageEffect)) {
                continue;
            }
            ByteChanges changes = listener == null ? null : new ByteChanges(request.data());
            for (int n = 0; n < request.sectorCount(); n++) {
                if (decision.covers(i, request.sector() + n)) {
                    changed += damage(request, decision, i, n, changes) ? 1 : 0;
                }
            }
            if (changes != null && !changes.isNone()) {
                listener.applied(request, decision.number(), decision.rule(i), BlockStatus.OK, changes.toString());
            }
        }
        return changed;
    }

    private static boolean damage(Request request, Decision decision, int i, int index, ByteChanges changes) {
        if (changes == null) {
            return decision.damage(request, i, index);
        }
        changes.before(index << Sectors.SHIFT);
        boolean changed = decision.damage(request, i, index);
        changes.after(index << Sectors.SHIFT, request.sector() + index);
        return changed;
    }

    private void tellRedirections(Request request, Decision decision) {
        FaultListener told = listener;
        if (told != null) {
            Redirections.tell(request, decision, told);
        }
    }
}
