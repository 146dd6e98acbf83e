package io.ublkdisk.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512B, 512",
        "64K, 65536",
        "64KiB, 65536",
        "1m, 1048576",
        "256 MiB, 268435456",
        "1G, 1073741824",
        "2TiB, 2199023255552",
        "1.5G, 1610612736",
        "1.5GiB, 1610612736",
        "0.5k, 512",
        "7EiB, 8070450532247928832",
        "-1, -1"
    })
    void readsWhatPeopleWrite(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(bytes);
    }

    @Property
    void readsBackWhatItPrints(@ForAll @LongRange(min = 0) long bytes) {
        assertThat(ByteSize.parse(ByteSize.print(bytes))).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "G",
                "1.3K",
                "8EiB",
                "1.5.5G",
                "1GB",
                "1 GB",
                "0x10",
                "9223372036854775808",
                "9999999T",
                "1G1"
            })
    void refusesTheRestNamingIt(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }
}
