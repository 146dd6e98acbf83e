package io.ublkdisk.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Uses neither AssertJ nor jqwik, and is loaded where there are none. */
class OptionalLibrariesTestCase {
    @Test
    void test(@UblkDisk(size = "1MiB") Disk disk) {
        disk.device();
    }

    /** Runs the test with whatever this class was loaded with. */
    public static final class Launch implements TestExecutionListener {
        private final List<Throwable> failures = new ArrayList<>();

        private Launch() {}

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            result.getThrowable().ifPresent(failures::add);
        }

        public static Object[] failures() {
            Launch launch = new Launch();
            Launcher launcher = LauncherFactory.create();
            launcher.execute(
                    LauncherDiscoveryRequestBuilder.request()
                            .selectors(selectClass(OptionalLibrariesTestCase.class))
                            .build(),
                    launch);
            return launch.failures.toArray();
        }
    }
}
