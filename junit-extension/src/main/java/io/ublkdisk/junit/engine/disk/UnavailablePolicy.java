package io.ublkdisk.junit.engine.disk;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;

/**
 * What becomes of a test where no disk can be made: it fails, unless the configuration parameter {@value #PARAMETER} is
 * {@value #SKIP}. A test that silently did not run is worse than one that says what it lacks, so skipping is asked for.
 */
public final class UnavailablePolicy {
    public static final String PARAMETER = "ublkdisk.unavailable";
    static final String SKIP = "skip";
    private static final String FAIL = "fail";

    private UnavailablePolicy() {}

    /** Returns whether that setting asks for skipping; an unknown value is an error. */
    public static boolean skips(Optional<String> setting) {
        return switch (setting.orElse(FAIL)) {
            case SKIP -> true;
            case FAIL -> false;
            default ->
                throw new IllegalArgumentException("configuration parameter " + PARAMETER + " is \"" + setting.get()
                        + "\": expected \"" + FAIL + "\" or \"" + SKIP + "\"");
        };
    }

    /**
     * Returns the setting as Jupiter would find it, for engines that do not hand it on: system property, then the class path.
     */
    public static Optional<String> configured() {
        String property = System.getProperty(PARAMETER);
        if (property != null) {
            return Optional.of(property);
        }
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try (InputStream file = loader.getResourceAsStream("junit-platform.properties")) {
            Properties properties = new Properties();
            if (file != null) {
                properties.load(file);
            }
            return Optional.ofNullable(properties.getProperty(PARAMETER));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read junit-platform.properties", unreadable);
        }
    }
}
