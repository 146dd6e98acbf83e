package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** jqwik: one disk for a property, as new in each try. */
@Timeout(180)
class PropertiesIT {
    @AfterEach
    void nothingIsLeft() throws IOException {
        Leftovers.assertNone();
    }

    @Test
    void oneDiskServesAllTriesAndIsAsNewInEach() {
        PropertiesTestCase.Parameters.DEVICES.clear();
        Runs.jqwik(selectClass(PropertiesTestCase.Parameters.class)).assertAllPassed(2);
        assertThat(PropertiesTestCase.Parameters.DEVICES).hasSize(1);
    }

    @Test
    void aDiskThatIsNotUsedIsNotMade() {
        Runs.jqwik(selectClass(PropertiesTestCase.Unused.class)).assertAllPassed(1);
        assertThat(PropertiesTestCase.Unused.last).asString().contains("not used yet");
    }

    @Test
    void aFailingPropertyShrinksOnOneDiskAndReportsIt() {
        PropertiesTestCase.Failing.TRIES.set(0);
        Runs runs = Runs.jqwik(selectClass(PropertiesTestCase.Failing.class));
        assertThat(runs.failureOf("shrinks")).isInstanceOf(AssertionError.class).hasMessageContaining("300");
        assertThat(PropertiesTestCase.Failing.TRIES).hasValueGreaterThan(3);
        assertThat(runs.published()).contains("disk /dev/ublkb", "seed: 9");
    }

    @Test
    void aRuleMustFireInOneOfTheTries() {
        Runs runs = Runs.jqwik(selectClass(PropertiesTestCase.Rules.class));
        assertThat(runs.failureOf("firedInNoTry")).hasMessageContaining("rule 'never'");
        runs.tests().assertStatistics(all -> all.succeeded(1).failed(1));
    }

    @Test
    void fieldsAreGivenToo() {
        Runs.jqwik(selectClass(PropertiesTestCase.Fields.class)).assertAllPassed(2);
    }

    @Test
    void otherPropertiesAreLeftAlone() {
        Runs.jqwik(selectClass(PropertiesTestCase.Without.class)).assertAllPassed(1);
    }
}
