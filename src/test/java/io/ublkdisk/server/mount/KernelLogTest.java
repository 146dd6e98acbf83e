package io.ublkdisk.server.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelLogTest {
    private static final String LOG = String.join(
            "\n",
            "[    0.000000] Linux version 6.12.117",
            "[    3.100000] EXT4-fs (ublkb0): mounted filesystem",
            "[  120.500000] usb 1-1: new device",
            "[  120.600000] ext4: Unknown parameter 'nosuchoption'",
            "a line without a time",
            "[  121.000000] XFS (ublkb1): something else");

    @Test
    void findsTheLineThatNamesTheOption() {
        assertThat(KernelLog.select(LOG, 120.55, List.of("ext4", "ublkb0")))
                .containsExactly("ext4: Unknown parameter 'nosuchoption'");
    }

    @Test
    void findsLinesOfTheDeviceWhateverTheirCase() {
        assertThat(KernelLog.select(LOG, 0, List.of("EXT4")))
                .containsExactly("EXT4-fs (ublkb0): mounted filesystem", "ext4: Unknown parameter 'nosuchoption'");
        assertThat(KernelLog.select(LOG, 122.5, List.of("ext4", "xfs"))).isEmpty();
        assertThat(KernelLog.select("", 0, List.of("ext4"))).isEmpty();
    }

    @Test
    void keepsTheNewestThree() {
        String many = "[ 1.0] ext4 a\n[ 2.0] ext4 b\n[ 3.0] ext4 c\n[ 4.0] ext4 d";
        assertThat(KernelLog.select(many, 0, List.of("ext4"))).containsExactly("ext4 b", "ext4 c", "ext4 d");
    }
}
