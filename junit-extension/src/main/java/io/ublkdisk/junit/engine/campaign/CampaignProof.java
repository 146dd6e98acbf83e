package io.ublkdisk.junit.engine.campaign;

import java.util.Optional;

/**
 * Judges whether the checks of crash states have proved anything, from what was seen of them. A campaign that is green must have
 * had something to check and must have looked at it.
 */
public final class CampaignProof {
    private boolean hasChanges;
    private boolean hasPromises;
    private boolean allStatesAreTheStart = true;
    private boolean asksForPromises;
    private boolean readsTheDisk;

    /** Notes what was recorded. */
    void recorded(long changes, int promises) {
        hasChanges |= changes > 0;
        hasPromises |= promises > 0;
    }

    /** Notes that there is a state, and whether the disk had the same bytes when the run began. */
    void state(boolean isTheStart) {
        allStatesAreTheStart &= isTheStart;
    }

    /** Notes that the check asked what had been promised. */
    void askedForPromises() {
        asksForPromises = true;
    }

    /** Notes that the check has read from the disk. */
    void readTheDisk() {
        readsTheDisk = true;
    }

    /** Returns whether it is known that a check has read from the disk. */
    boolean hasReadTheDisk() {
        return readsTheDisk;
    }

    /** Returns what is wrong with the run, so that no state of it is worth a check. */
    Optional<String> wrongWithRun(String run) {
        return hasChanges || hasPromises
                ? Optional.empty()
                : Optional.of(
                        "the run changed nothing on the disk: while " + run + " was recorded no write reached the disk,"
                                + " and nothing was promised. Write under run.disk().mountPoint() and force it, after beginHere() if"
                                + " that is called; or run.mark(…) what was promised without a force.");
    }

    /** Returns what is wrong with the checks when each state has passed. */
    Optional<String> wrongWithChecks(String check) {
        if (!readsTheDisk) {
            return Optional.of(
                    check + " proves nothing: the check has read nothing from the disk in any state, whatever it"
                            + " returns. Read what the program wrote, under the mountPoint() of the CrashedDisk.");
        }
        if (asksForPromises && !hasPromises) {
            return Optional.of(
                    check + " proves nothing of promises: it asks for marks(), and the run has made no promise."
                            + " Call run.mark(…) where the program promises something, after beginHere(); or do not ask for marks().");
        }
        if (allStatesAreTheStart) {
            return Optional.of(
                    check + " proves nothing: each crash state is equal to the disk at the start of the run, because"
                            + " what the program wrote was still in the page cache when it ended. Force it, let the run last"
                            + " longer, or choose writeBack schedules.");
        }
        return Optional.empty();
    }
}
