package io.ublkdisk.disk;

import java.util.List;

/**
 * What a power cut did: of the changes that were unflushed, which are gone, which are there in part, and which made it. The
 * oldest is the first of each list.
 */
public record PowerCut(List<Change> lost, List<Change> torn, List<Change> kept) {

    @Override
    public String toString() {
        return lost.size() + " unflushed changes lost, " + torn.size() + " torn, " + kept.size() + " kept";
    }
}
