package io.ublkdisk.junit.engine.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a green crash test must have seen. */
class CampaignProofTest {
    private final CampaignProof proof = new CampaignProof();

    @Test
    void aRunMustChangeOrPromiseSomething() {
        proof.recorded(0, 0);
        assertThat(proof.wrongWithRun("run()"))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("the run changed nothing on the disk", "run()", "force it"));
    }

    @Test
    void aRunThatOnlyPromisesCanBreakThat() {
        proof.recorded(0, 1);
        assertThat(proof.wrongWithRun("run()")).isEmpty();
    }

    @Test
    void checksMustRead() {
        proof.recorded(3, 1);
        proof.state(false);
        assertThat(proof.wrongWithChecks("WalTest.check"))
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("WalTest.check", "the check has read nothing from the disk", "mountPoint()"));
        proof.readTheDisk();
        assertThat(proof.wrongWithChecks("WalTest.check")).isEmpty();
    }

    @Test
    void checksThatAskForPromisesMustHaveSome() {
        proof.recorded(3, 0);
        proof.state(false);
        proof.readTheDisk();
        assertThat(proof.wrongWithChecks("check")).isEmpty();
        proof.askedForPromises();
        assertThat(proof.wrongWithChecks("check"))
                .hasValueSatisfying(why -> assertThat(why).contains("the run has made no promise", "run.mark("));
    }

    @Test
    void oneStateMustDifferFromTheStart() {
        proof.recorded(3, 1);
        proof.readTheDisk();
        proof.state(true);
        assertThat(proof.wrongWithChecks("check"))
                .hasValueSatisfying(why -> assertThat(why).contains("equal to the disk at the start of the run"));
        proof.state(false);
        assertThat(proof.wrongWithChecks("check")).isEmpty();
    }
}
