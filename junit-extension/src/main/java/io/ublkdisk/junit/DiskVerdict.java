package io.ublkdisk.junit;

import java.util.List;

/** Is suppressed in the failure of a test, so that wherever that is printed, it is printed what the disk had to do with it. */
final class DiskVerdict extends Exception {
    DiskVerdict(String disk, List<String> lines) {
        super(disk + ": " + String.join("\n  ", lines), null, false, false);
    }
}
