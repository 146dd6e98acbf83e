package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.Readiness;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.junit.DiskUnavailableException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.platform.commons.JUnitException;

/** The one place where disks are made, whichever engine and whichever door asked. */
public final class DiskFactory {
    /** Where a disk could not be made first; null for nowhere. */
    private static final AtomicReference<String> FIRST_PLACE = new AtomicReference<>();

    private DiskFactory() {}

    /**
     * Makes a disk.
     *
     * @throws DiskUnavailableException if this machine cannot, with the probe that failed and the ways out
     */
    public static DiskHandle make(DiskSettings settings) {
        missing(settings.place()).ifPresent(message -> {
            throw new DiskUnavailableException(message);
        });
        try {
            return ask(settings);
        } catch (DiskException e) {
            throw new JUnitException("no disk for " + settings.place() + ": " + e.getMessage(), e);
        }
    }

    /** Asks a second time when the server turns out to have died in an earlier test; then there is a new one. */
    private static DiskHandle ask(DiskSettings settings) throws DiskException {
        History history = settings.recorded() ? new History() : null;
        DiskSpec spec = history == null ? settings.spec() : history.of(settings.spec());
        try {
            return ask(settings, spec, history);
        } catch (DiskException | RuntimeException e) {
            if (history != null) {
                history.close();
            }
            throw e;
        }
    }

    private static DiskHandle ask(DiskSettings settings, DiskSpec spec, History history) throws DiskException {
        if (spec.recovery() != Recovery.NONE) {
            return askItsOwn(settings, spec, history);
        }
        ServerProcess server = ServerProcess.shared();
        try {
            return new DiskHandle(server, server.connection().create(spec), settings, history);
        } catch (ServerDiedException earlier) {
            server = ServerProcess.shared();
            return new DiskHandle(server, server.connection().create(spec), settings, history);
        }
    }

    /** Returns one that may die without taking other tests' disks along. */
    private static DiskHandle askItsOwn(DiskSettings settings, DiskSpec spec, History history) throws DiskException {
        ServerProcess server = ServerProcess.start();
        try {
            return new DiskHandle(server, server.connection().create(spec), settings, history);
        } catch (DiskException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /**
     * Returns why no disk can be made here; empty when one can. With the ways out when it is asked first in this JVM, and in one
     * line that names the first place later: a run has hundreds of tests.
     */
    public static Optional<String> missing(String place) {
        return Readiness.here()
                .problem()
                .map(problem -> FIRST_PLACE.compareAndSet(null, place)
                        ? UnavailableText.message(problem)
                        : UnavailableText.again(problem, FIRST_PLACE.get()));
    }

    /** Begins a run anew: the ways out are told once more. */
    public static void forgetFirstPlace() {
        FIRST_PLACE.set(null);
    }
}
