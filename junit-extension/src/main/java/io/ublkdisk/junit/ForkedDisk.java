package io.ublkdisk.junit;

import java.io.IOException;
import org.apiguardian.api.API;

/** A disk that was made from another one, see {@link Disk#crashImage}; it may be taken away before the test ends. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1.0")
public interface ForkedDisk extends Disk, AutoCloseable {
    /**
     * Takes it away. Idempotent.
     *
     * @throws AssertionError if files are open on it, or something of it could not be removed
     */
    @Override
    void close() throws IOException;
}
