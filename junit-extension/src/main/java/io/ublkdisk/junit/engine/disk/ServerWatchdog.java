package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.control.ServerProcess;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Watches the disk server, except for servers that may die, while a thread runs a test's code. When the server dies the thread
 * is interrupted, for it may be waiting for something that will never come, and the test fails with the reason; an error that
 * it met on the way, most often EIO, is suppressed in that.
 */
public final class ServerWatchdog {
    private final Thread thread = Thread.currentThread();
    private ServerDiedException death;
    private boolean interrupted;
    private boolean over;

    private ServerWatchdog() {}

    public interface Code<T> {
        T run() throws Throwable;
    }

    /** Runs that code under the eyes of the watch. */
    public static <T> T over(List<DiskHandle> disks, Code<T> code) throws Throwable {
        if (disks.isEmpty()) {
            return code.run();
        }
        ServerWatchdog watch = new ServerWatchdog();
        Consumer<ServerDiedException> strike = watch::strike;
        List<ServerProcess> servers = disks.stream()
                .map(DiskHandle::server)
                .filter(server -> !server.isOwn())
                .map(OwnServer::process)
                .distinct()
                .collect(Collectors.toList());
        servers.forEach(server -> server.onDeath(strike));
        try {
            return watch.watch(code, servers);
        } finally {
            servers.forEach(server -> server.offDeath(strike));
        }
    }

    private <T> T watch(Code<T> code, List<ServerProcess> servers) throws Throwable {
        T result;
        try {
            result = code.run();
        } catch (Throwable met) {
            ServerDiedException death = end();
            if (death == null) {
                death = obituary(servers);
            }
            if (death == null) {
                throw met;
            }
            if (met != death) {
                death.addSuppressed(met);
            }
            throw death;
        }
        ServerDiedException death = end();
        if (death == null && !servers.stream().allMatch(ServerProcess::isAlive)) {
            death = obituary(servers); // no listener has told us yet
        }
        if (death != null) {
            throw death;
        }
        return result;
    }

    /** Asks the servers whether they live: an error may be the first sign of a death that has not been reported yet. */
    private static ServerDiedException obituary(List<ServerProcess> servers) {
        for (ServerProcess server : servers) {
            try {
                server.connection().ping();
            } catch (ServerDiedException death) {
                return death;
            } catch (DiskException busy) {
                // It lives, and what is wrong with it otherwise is not what this is about.
            }
        }
        return null;
    }

    private synchronized void strike(ServerDiedException reason) {
        if (!over && death == null) {
            death = reason;
            interrupted = true;
            thread.interrupt();
        }
    }

    private synchronized ServerDiedException end() {
        over = true;
        if (interrupted) {
            Thread.interrupted();
        }
        return death;
    }
}
