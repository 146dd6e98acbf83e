package io.ublkdisk.junit.engine.campaign;

import io.ublkdisk.crash.Sample;

/**
 * How the crash states of a run are chosen and checked.
 *
 * @param sample which states
 * @param fsck whether the filesystem must be clean after the check
 * @param shrinkTries how many states may be tried to make one failing state small; three times as many for the whole campaign
 * @param runLimitSeconds how long the run may take
 */
public record CampaignSettings(Sample sample, boolean fsck, int shrinkTries, int runLimitSeconds) {
    private static final int SHRUNK_CAUSES = 3;

    public CampaignSettings {
        if (shrinkTries < 0) {
            throw new IllegalArgumentException("shrinkTries = " + shrinkTries
                    + ": write 0 for none, or how many states may be tried, 60 are usual");
        }
        if (runLimitSeconds < 1) {
            throw new IllegalArgumentException("runLimitSeconds = " + runLimitSeconds
                    + ": write how many seconds the run may take, 600 are usual");
        }
    }

    int allShrinkTries() {
        return (int) Math.min(Integer.MAX_VALUE, (long) SHRUNK_CAUSES * shrinkTries);
    }
}
