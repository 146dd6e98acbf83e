package io.ublkdisk.junit.engine.jupiter;

import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.junit.engine.disk.DiskCleanup;
import io.ublkdisk.junit.engine.disk.DiskFactory;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import io.ublkdisk.junit.engine.disk.DiskPreparation;
import io.ublkdisk.junit.engine.disk.DiskSettings;
import io.ublkdisk.junit.engine.disk.Observations;
import io.ublkdisk.junit.engine.process.Uninterrupted;
import io.ublkdisk.junit.engine.report.StandardOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * The disks of one Jupiter context, a class's or a test's, in the order in which they were made. Jupiter closes it at the
 * end of that context, whatever happened in it, and what this throws then becomes the test's failure or is suppressed in it.
 */
final class ContextDisks implements AutoCloseable {
    private static final Namespace NAMESPACE = Namespace.create(ContextDisks.class);
    private static final String CLOSING = "junit.jupiter.extensions.store.close.autocloseable.enabled";

    private final ExtensionContext context;
    private final List<DiskHandle> disks = new ArrayList<>();
    private final List<Runnable> afterwards = new ArrayList<>();
    /** A test within this context failed: rules may have gone unfired for that reason. */
    private boolean failed;

    private ContextDisks(ExtensionContext context) {
        this.context = context;
    }

    /** Returns the shelf of exactly this context, made if there is none. */
    static synchronized ContextDisks of(ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        ContextDisks shelf = store.get(context.getUniqueId(), ContextDisks.class);
        if (shelf == null) {
            if (context.getConfigurationParameter(CLOSING)
                    .filter("false"::equals)
                    .isPresent()) {
                throw new IllegalStateException("configuration parameter " + CLOSING
                        + " is false, and nothing would take the disks away; leave it out");
            }
            shelf = new ContextDisks(context);
            store.put(context.getUniqueId(), shelf);
        }
        return shelf;
    }

    /** Returns the shelves of this context and those around it, the nearest first. */
    static List<ContextDisks> around(ExtensionContext context) {
        List<ContextDisks> shelves = new ArrayList<>();
        Optional<ExtensionContext> at = Optional.of(context);
        while (at.isPresent()) {
            ContextDisks shelf = at.get().getStore(NAMESPACE).get(at.get().getUniqueId(), ContextDisks.class);
            if (shelf != null) {
                shelves.add(shelf);
            }
            at = at.get().getParent();
        }
        return shelves;
    }

    synchronized DiskHandle make(DiskSettings settings) {
        // An earlier test of this thread may have ended with its interrupt flag set.
        return Uninterrupted.get(() -> {
            DiskHandle disk = DiskFactory.make(settings);
            disks.add(disk);
            if (DiskPreparation.areAround(context, disk)) {
                DiskPreparation.prepareNext(context, disk);
            }
            return disk;
        });
    }

    /** Returns the same, and does that when the disk has been taken away. */
    synchronized DiskHandle make(DiskSettings settings, Runnable whenGone) {
        DiskHandle disk = make(settings);
        afterwards.add(whenGone);
        return disk;
    }

    synchronized List<DiskHandle> disks() {
        return List.copyOf(disks);
    }

    synchronized void markFailed() {
        failed = true;
    }

    @Override
    public synchronized void close() {
        Uninterrupted.run(this::takeAll);
    }

    private void takeAll() {
        // What did not happen in a test that failed is in its verdict; one that was aborted has not come so far.
        boolean judgeRules = !failed && context.getExecutionException().isEmpty();
        List<Throwable> problems = new ArrayList<>();
        while (!disks.isEmpty()) {
            DiskHandle disk = disks.remove(disks.size() - 1);
            DiskCleanup.take(disk, judgeRules, DiskPreparation.areAround(context, disk))
                    .filter(problem -> !isKnown(problem))
                    .ifPresent(problems::add);
            disk.end("the " + (context.getTestMethod().isPresent() ? "test" : "class")
                    + " that it belonged to has ended; put the annotation on a static field for a disk that"
                    + " the tests of a class share");
            if (judgeRules) {
                disk.observations().warnings().forEach(this::publish);
            }
        }
        afterwards.forEach(Runnable::run);
        DiskCleanup.raise(problems);
    }

    private void publish(Observations.Warning warning) {
        context.publishReportEntry("ublkdisk.warning", warning.text());
        if (warning.loud()) {
            StandardOutput.warning(context.getDisplayName() + ": " + warning.text());
        }
    }

    /** Returns whether the test has failed with the server's death already. */
    private boolean isKnown(Throwable problem) {
        return problem instanceof ServerDiedException
                && context.getExecutionException()
                        .filter(ServerDiedException.class::isInstance)
                        .isPresent();
    }
}
