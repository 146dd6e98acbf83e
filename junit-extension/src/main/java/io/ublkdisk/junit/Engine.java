package io.ublkdisk.junit;

import io.ublkdisk.control.DiskSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/**
 * Does what the annotations of this package ask for. Not for users: it is public so that the {@link java.util.ServiceLoader} finds
 * its only implementation, which this package does not name. So the arrow goes from the implementation to this package, and never
 * back. Any thread.
 */
@API(status = API.Status.INTERNAL)
public interface Engine {
    /** What makes the disks of one {@link UblkDiskExtension}; its settings are checked. */
    interface DiskMaker {
        /**
         * Makes a disk that belongs to that test or class.
         *
         * @param whenGone runs when the disk has been taken away at the end of the context
         */
        Disk make(ExtensionContext context, Runnable whenGone);
    }

    /** Returns why a test is skipped: no disk can be made here, and the configuration asks for skipping; empty to run it. */
    Optional<String> reasonToSkip(ExtensionContext context);

    /** Begins the observation of the disks around a test. */
    void beginTest(ExtensionContext test);

    /** Makes the disks of the annotated fields: the static ones of a class, or those of a test's instances. */
    void injectFields(ExtensionContext context, boolean ofClass);

    /** Makes the disk that an annotated parameter asks for. */
    Disk disk(ParameterContext parameter, ExtensionContext context);

    /**
     * Checks settings.
     *
     * @throws IllegalArgumentException naming the setting, its value and the remedy
     */
    DiskMaker maker(DiskSpec.Builder spec, List<String> faults, boolean lenient, boolean recorded);

    /** Runs code of a test or class; fails with the server's death if the server dies meanwhile. */
    <T> T watch(Invocation<T> code, ExtensionContext context) throws Throwable;

    /** Clears all rules of the disks around a test, so that a thread which waits for one of them goes on. */
    void clearFaults(ExtensionContext context) throws Exception;

    /** Publishes what the disks of a failed test or class did. Does nothing for an aborted one. */
    void reportFailure(ExtensionContext context, Throwable failure);

    /** Returns the tests of a {@link CrashTest} method, one by one: which there are is known when the run before has ended. */
    Stream<TestTemplateInvocationContext> crashTests(ExtensionContext method);

    /** Releases what the disks of that {@link CrashTest} method hold. */
    void releaseCrashTests(ExtensionContext method);

    /** Describes a program on a disk. */
    Daemon daemon(Disk disk, String... command);

    /** Describes a program in a folder. */
    Daemon daemon(Path folder, String... command);
}
