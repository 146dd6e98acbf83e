package io.ublkdisk.junit.engine.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.protocol.StepReport;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What has happened is remembered over removals, replacements and the tries of a property; what has not, too. */
class UnusedRulesTest {
    private static final StepReport WAITING = new StepReport("at mark \"m\" rule r: on read note", "r", "waiting");
    private static final StepReport DONE = new StepReport(WAITING.text(), "r", "done");
    private static final StepReport NOT_DONE = new StepReport("at mark \"m\" power-cut", "", "not done: it is off");

    private final UnusedRules proof = new UnusedRules();

    private static RuleReport rule(String name, long fired) {
        return new RuleReport(name, 7, fired, "rule " + name + ": on read note");
    }

    @Test
    void anArmedRuleMustFire() {
        assertThat(proof.unused(List.of(rule("a", 0), rule("b", 1)))).containsExactly(rule("a", 0));
    }

    @Test
    void aRemovedRuleMustHaveFired() {
        proof.removed(rule("a", 0));
        proof.removed(rule("b", 2));
        assertThat(proof.everyRule(List.of(rule("c", 1)))).hasSize(3);
        assertThat(proof.unused(List.of())).containsExactly(rule("a", 0));
    }

    @Test
    void aReplacedRuleMustHaveFiredThoughItsNameLivesOn() {
        RuleReport successor = new RuleReport("a", 1, 1, "rule a: on write note");
        proof.replaced(rule("a", 0));
        assertThat(proof.unused(List.of(successor))).containsExactly(rule("a", 0));
        proof.replaced(rule("a", 3));
        assertThat(proof.unused(List.of(successor))).isEmpty();
    }

    @Test
    void anExcusedRuleNeedNotFireNorBeArmed() {
        proof.excuse("a");
        proof.excuse("r");
        assertThat(proof.unused(List.of(rule("a", 0)))).isEmpty();
        assertThat(proof.undone(List.of(WAITING))).isEmpty();
        assertThat(proof.undone(List.of(NOT_DONE))).containsExactly(NOT_DONE);
    }

    @Test
    void aStepMustBeDone() {
        assertThat(proof.undone(List.of(WAITING, NOT_DONE))).containsExactly(WAITING, NOT_DONE);
        assertThat(proof.undone(List.of(DONE))).isEmpty();
    }

    @Test
    void onceInAnyTryIsEnough() {
        proof.nextTry(List.of(rule("a", 0), rule("b", 1)), List.of(WAITING));
        assertThat(proof.unused(List.of(rule("a", 0), rule("b", 0)))).containsExactly(rule("a", 0));
        assertThat(proof.undone(List.of(WAITING))).containsExactly(WAITING);
        proof.nextTry(List.of(rule("a", 1), rule("b", 0)), List.of(DONE));
        assertThat(proof.unused(List.of(rule("a", 0), rule("b", 0)))).isEmpty();
        assertThat(proof.undone(List.of(WAITING))).isEmpty();
    }

    @Test
    void whatOneTryAloneHadIsNotForgottenByTheNext() {
        proof.nextTry(List.of(rule("a", 0)), List.of(WAITING));
        proof.nextTry(List.of(), List.of());
        assertThat(proof.unused(List.of())).containsExactly(rule("a", 0));
        assertThat(proof.undone(List.of())).containsExactly(WAITING);
    }
}
