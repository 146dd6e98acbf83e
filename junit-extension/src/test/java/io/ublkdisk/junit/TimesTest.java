package io.ublkdisk.junit;

import static io.ublkdisk.junit.Times.atLeast;
import static io.ublkdisk.junit.Times.atMost;
import static io.ublkdisk.junit.Times.times;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TimesTest {
    @Test
    void includesItsOwnCountsOnly() {
        assertThat(times(3).includes(3)).isTrue();
        assertThat(times(3).includes(2)).isFalse();
        assertThat(times(3).includes(4)).isFalse();
        assertThat(atLeast(2).includes(1)).isFalse();
        assertThat(atLeast(2).includes(Long.MAX_VALUE)).isTrue();
        assertThat(atMost(2).includes(0)).isTrue();
        assertThat(atMost(2).includes(3)).isFalse();
    }

    @Test
    void saysItInWords() {
        assertThat(times(1)).hasToString("exactly 1 time");
        assertThat(times(3)).hasToString("exactly 3 times");
        assertThat(atLeast(1)).hasToString("at least 1 time");
        assertThat(atMost(2)).hasToString("at most 2 times");
    }

    @Test
    void refusesNegativeCounts() {
        assertThatThrownBy(() -> times(-1)).hasMessageContaining("-1").hasMessageContaining("neverFired()");
        assertThatThrownBy(() -> atLeast(-2)).hasMessageContaining("-2");
        assertThatThrownBy(() -> atMost(-3)).hasMessageContaining("-3");
    }
}
