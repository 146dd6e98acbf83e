package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.ServerConnection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * What no test of a class waits for: while one runs, the server makes the disk of the next one like it, and lets the device of
 * the last one go. With the class all of that ends.
 */
public final class DiskPreparation implements AutoCloseable {
    private static final Namespace NAMESPACE = Namespace.create(DiskPreparation.class);

    private final Set<ServerConnection> servers = ConcurrentHashMap.newKeySet();

    private DiskPreparation() {}

    /** Returns whether a disk of that context has others like it after it, and a test that waits for its end. */
    public static boolean areAround(ExtensionContext context, DiskHandle disk) {
        return context.getTestMethod().isPresent() && !disk.server().isOwn();
    }

    /** Has the next one like that made, which a test has got. If that fails, the test that asks for the next is told. */
    public static void prepareNext(ExtensionContext test, DiskHandle disk) {
        ServerConnection server = disk.server().process().connection();
        of(test).servers.add(server);
        if (disk.settings().recorded()) {
            return; // each writes a file of its own
        }
        try {
            server.prepare(disk.settings().spec());
        } catch (DiskException notNow) {
            return;
        }
    }

    private static synchronized DiskPreparation of(ExtensionContext test) {
        ExtensionContext at = test;
        while (at.getTestMethod().isPresent()) {
            at = at.getParent().orElseThrow();
        }
        ExtensionContext.Store store = at.getStore(NAMESPACE);
        DiskPreparation between = store.get(at.getUniqueId(), DiskPreparation.class);
        if (between == null) {
            between = new DiskPreparation();
            store.put(at.getUniqueId(), between);
        }
        return between;
    }

    @Override
    public void close() {
        for (ServerConnection server : servers) {
            try {
                server.settle();
            } catch (DiskException dead) {
                continue; // and its disks are the next server's to sweep
            }
        }
    }
}
