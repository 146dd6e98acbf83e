package io.ublkdisk.junit.engine.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.junit.engine.campaign.FailureCause.Damage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which failures of crash states are taken for one. */
class FailureCauseTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        expected 3 rows but found 2                | expected 30 rows but found 17
        [promised] to contain: ["1", "2"]          | [promised] to contain: ["1", "2", "3"]
        could not find: ["3"] in []                | could not find: ["2", "3"] in ["1"]
        /mnt/ublkb3/data: no such file             | /mnt/ublkb12/data: no such file
        page 0x1f7 has checksum deadbeef01         | page 0x22 has checksum 00c0ffee
        key 'a' is gone                            | key 'bcd' is gone
        """)
    void numbersAndListsDoNotTellThemApart(String one, String another) {
        assertThat(FailureCause.withoutWhatDiffers(one)).isEqualTo(FailureCause.withoutWhatDiffers(another));
    }

    @Test
    void otherWordsDo() {
        assertThat(FailureCause.withoutWhatDiffers("row 3 is missing"))
                .isNotEqualTo(FailureCause.withoutWhatDiffers("row 3 is damaged"));
    }

    @Test
    void theKindOfDamageTheTypeAndThePlaceTellThemApart() {
        Throwable wrong = failure("1 is gone");
        FailureCause cause = FailureCause.of(Damage.LOST, wrong);
        assertThat(FailureCause.of(Damage.LOST, failure("2 is gone"))).isEqualTo(cause);
        assertThat(FailureCause.of(Damage.TORN, wrong)).isNotEqualTo(cause);
        assertThat(FailureCause.of(Damage.LOST, new AssertionError("1 is gone")))
                .isNotEqualTo(cause);
        Throwable another = new IllegalStateException("1 is gone");
        assertThat(FailureCause.of(Damage.LOST, another)).isNotEqualTo(cause);
    }

    @Test
    void thePlaceIsTheLineOfTheCheckNotOfItsLibrary() {
        try {
            assertThat(List.of(1)).isEmpty();
        } catch (AssertionError wrong) {
            assertThat(FailureCause.of(Damage.LOST, wrong).place()).startsWith(FailureCauseTest.class.getName() + ":");
        }
    }

    private static Throwable failure(String message) {
        return new IllegalStateException(message);
    }
}
