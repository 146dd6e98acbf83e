package io.ublkdisk.ublk;

import java.util.ArrayDeque;
import java.util.Deque;

/** What has been opened so far, to be closed again, newest first, if the next step fails. */
final class OpenedResources {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T resource) {
        opened.push(resource);
        return resource;
    }

    void closeAll() {
        for (AutoCloseable resource : opened) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
