package io.ublkdisk.junit;

import java.util.ServiceLoader;

/** Finds the {@link Engine}, once in a JVM. */
final class Engines {
    /** Beside this class, whatever loader a thread prefers. */
    static final Engine ENGINE = ServiceLoader.load(Engine.class, Engine.class.getClassLoader())
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("ublkdisk-junit's own service " + Engine.class.getName()
                    + " is not on the class path; if its jar was repackaged, keep META-INF/services"));

    private Engines() {}
}
