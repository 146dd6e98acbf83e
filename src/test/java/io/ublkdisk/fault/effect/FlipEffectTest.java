package io.ublkdisk.fault.effect;

import static io.ublkdisk.fault.Kind.READ;
import static io.ublkdisk.fault.effect.FlipEffect.flip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.media.FaultyMedia;
import io.ublkdisk.script.Script;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class FlipEffectTest {
    private final Rules rules = new Rules(1);

    @Test
    void never() {
        rules.add(Rule.on(READ).probability(0).effect(flip(1)));
        assertThat(Asked.firings(rules, 100)).isEmpty();
    }

    @Test
    void always() {
        rules.add(Rule.on(READ).effect(flip(1)));
        assertThat(Asked.firings(rules, 100)).hasSize(100);
        assertThat(flipped(0, 8).cardinality()).isEqualTo(8);
    }

    @Test
    void nth() {
        rules.add(Rule.on(READ).nth(3).effect(flip(1)));
        assertThat(Asked.firings(rules, 100)).containsExactly(3);
    }

    @Test
    void onCommand() {
        String name = rules.add(Rule.on(READ).effect(flip(1)));
        assertThat(flipped(0, 1).cardinality()).isEqualTo(1);
        rules.remove(name);
        assertThat(flipped(0, 1).cardinality()).isZero();
    }

    @Test
    void rereadAnswersTheSameWrongBytesWhateverItsLength() {
        rules.add(Rule.on(READ).effect(flip(3)));
        BitSet whole = flipped(0, 16);
        assertThat(flipped(0, 16)).isEqualTo(whole);
        for (int sector = 0; sector < 16; sector++) {
            assertThat(flipped(sector, 1)).isEqualTo(whole.get(sector * 4096, sector * 4096 + 4096));
        }
    }

    @Test
    void transientFlipsAreOthersEachTime() {
        rules.add(Script.parseRule("on read flip 4 bits transient"));
        assertThat(flipped(0, 8)).isNotEqualTo(flipped(0, 8));
    }

    @Test
    void staysInsideItsSectors() {
        rules.add(Rule.on(READ).sectors(3, 4).effect(flip(4096)));
        BitSet flipped = flipped(0, 8);
        assertThat(flipped.cardinality()).isEqualTo(2 * 4096);
        assertThat(flipped.nextSetBit(0)).isEqualTo(3 * 4096);
        assertThat(flipped.length()).isEqualTo(5 * 4096);
    }

    @Test
    void flipsExactlySoManyBits() {
        for (int bits : new int[] {1, 2, 100, 4095, 4096}) {
            rules.clear();
            rules.add(Rule.on(READ).effect(flip(bits)));
            assertThat(flipped(40, 1).cardinality()).isEqualTo(bits);
        }
    }

    @Test
    void isAnotherPlaceInAnotherSectorAndUnderAnotherSeed() {
        rules.add(Rule.on(READ).effect(flip(1)));
        BitSet here = flipped(0, 1);
        assertThat(flipped(1, 1)).isNotEqualTo(here);
        Rules others = new Rules(2);
        others.add(Rule.on(READ).effect(flip(1)));
        assertThat(flipped(others, 0, 1)).isNotEqualTo(here);
    }

    @Test
    void hasASectorsWorthOfBits() {
        assertThatThrownBy(() -> new FlipEffect(0)).hasMessageContaining("1 to 4096");
        assertThatThrownBy(() -> new FlipEffect(4097)).hasMessageContaining("1 to 4096");
    }

    private BitSet flipped(long sector, int count) {
        return flipped(rules, sector, count);
    }

    private static BitSet flipped(Rules rules, long sector, int count) {
        Request request = Asked.read(sector, count);
        FaultyMedia.damage(request, ((Asked) request).of(rules), null);
        byte[] bytes = new byte[count << 9];
        request.data().duplicate().get(bytes);
        return BitSet.valueOf(bytes);
    }
}
