package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelFaultsTest {
    @ParameterizedTest
    @ValueSource(strings = {"6.18.4", "6.18.5-1-default", "6.17.0-1015-azure", "6.17.0-1018-azure", "6.17.3-1004-aws"})
    void addDevHangs(String release) {
        assertThat(KernelFaults.of(release)).get().asString().contains(release).contains("ADD_DEV");
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.17.0-5-generic", "6.17.9"})
    void startFails(String release) {
        assertThat(KernelFaults.of(release)).get().asString().contains("START_DEV");
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.12.107+deb13-amd64", "6.18.45", "6.18.3", "7.3.4", "6.1.17", "7.6.17"})
    void nothingIsKnown(String release) {
        assertThat(KernelFaults.of(release)).isEmpty();
    }
}
