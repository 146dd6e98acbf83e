package io.ublkdisk.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelFaultsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "6.18.4",
                "6.18.4-arch1-1",
                "6.18.5-1-default",
                "6.17.0-1015-azure",
                "6.17.0-1018-azure",
                "6.17.0-1017-aws",
                "6.17.3-1004-aws"
            })
    void refusesWhereAddDevHangs(String release) {
        assertThat(KernelFaults.refusal(release))
                .get()
                .asString()
                .startsWith("Linux " + release + " has a faulty ublk driver: ADD_DEV ")
                .contains("vm/run", KernelFaults.OVERRIDE + "=true");
        assertThat(KernelFaults.of(release)).get().asString().contains(release).contains("ADD_DEV");
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.17.0-5-generic", "6.17.9", "6.17.0-1008-azure"})
    void warnsWhereStartHasFailed(String release) {
        assertThat(KernelFaults.refusal(release)).isEmpty();
        assertThat(KernelFaults.of(release)).get().asString().contains(release).contains("START_DEV");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"6.12.107+deb13-amd64", "6.18.45", "6.18.3", "7.3.4", "6.1.17", "7.6.17", "6.8.0-1052-azure"})
    void nothingIsKnown(String release) {
        assertThat(KernelFaults.of(release)).isEmpty();
        assertThat(KernelFaults.refusal(release)).isEmpty();
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void theOverrideAllowsARefusedKernelAndTheFaultIsStillNamed() {
        String real = System.setProperty("os.version", "6.18.4");
        try {
            assertThat(KernelFaults.refusalHere()).isPresent();
            System.setProperty(KernelFaults.OVERRIDE_PROPERTY, "true");
            assertThat(KernelFaults.refusalHere()).isEmpty();
            assertThat(KernelFaults.here()).isPresent();
        } finally {
            System.clearProperty(KernelFaults.OVERRIDE_PROPERTY);
            System.setProperty("os.version", real);
        }
    }
}
