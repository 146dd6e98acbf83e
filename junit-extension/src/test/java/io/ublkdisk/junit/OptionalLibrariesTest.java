package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.Readiness;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who has neither AssertJ nor jqwik misses nothing. */
class OptionalLibrariesTest {
    private static final Pattern OPTIONAL = Pattern.compile(".*(assertj|jqwik|byte-buddy).*");

    @Test
    void aTestRunsWithoutAssertJAndJqwik() throws Exception {
        List<URL> classPath = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!OPTIONAL.matcher(Path.of(entry).getFileName().toString()).matches()) {
                classPath.add(Path.of(entry).toUri().toURL());
            }
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader without =
                new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(without);
            assertThat(canLoad(without, "org.assertj.core.api.Assertions")).isFalse();
            assertThat(canLoad(without, "net.jqwik.api.Property")).isFalse();
            Object failures = without.loadClass("io.ublkdisk.junit.OptionalLibrariesTestCase$Launch")
                    .getMethod("failures")
                    .invoke(null);
            assertThat(Arrays.asList((Object[]) failures))
                    .allSatisfy(failure -> assertThat(failure.getClass().getName())
                            .isEqualTo("io.ublkdisk.junit.DiskUnavailableException"))
                    .hasSize(Readiness.here().problem().isPresent() ? 1 : 0);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static boolean canLoad(ClassLoader loader, String name) {
        try {
            loader.loadClass(name);
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }
}
