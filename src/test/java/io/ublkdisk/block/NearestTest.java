package io.ublkdisk.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    @Test
    void suggestsWhatIsNearAndListsOtherwise() {
        List<String> known = List.of("delete", "features", "list");
        assertThat(Nearest.hint("delet", known)).isEqualTo("; did you mean 'delete'?");
        assertThat(Nearest.hint("lsit", known)).isEqualTo("; did you mean 'list'?");
        assertThat(Nearest.hint("mount", known)).isEqualTo("; known are delete, features, list");
        assertThat(Nearest.hint("lst", known)).isEqualTo("; did you mean 'list'?");
        assertThat(Nearest.hint("x", List.of())).isEqualTo("; there is none");
    }

    @Test
    void countsLetters() {
        assertThat(Nearest.distance("", "abc")).isEqualTo(3);
        assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
        assertThat(Nearest.distance("same", "same")).isZero();
        assertThat(Nearest.distance("lsit", "list")).isEqualTo(1);
    }
}
