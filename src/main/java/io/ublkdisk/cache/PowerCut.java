package io.ublkdisk.cache;

import java.util.List;

/**
 * What a power cut did: of the changes that were unflushed, which are gone, which are there in part, and which made it. The
 * oldest is the first of each list. Writes in flight are among those only if something of them is there.
 *
 * @param hadCache whether the disk has a volatile cache, without which nothing can be lost
 */
public record PowerCut(List<Change> lost, List<Change> torn, List<Change> kept, boolean hadCache) {

    @Override
    public String toString() {
        return (hadCache ? "" : "the disk has no volatile cache, so nothing could be lost; ") + lost.size()
                + " unflushed changes lost, " + torn.size() + " torn, " + kept.size() + " kept";
    }
}
