package io.ublkdisk.server;

import io.ublkdisk.kernel.MountCalls;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The options of {@code mount -o}, told apart as {@code mount(2)} wants them: those that every filesystem has are bits, the
 * rest is text for the filesystem itself.
 */
record MountOptions(long flags, String data) {
    private static final Map<String, Integer> SET = Map.ofEntries(
            Map.entry("ro", MountCalls.MS_RDONLY),
            Map.entry("nosuid", MountCalls.MS_NOSUID),
            Map.entry("nodev", MountCalls.MS_NODEV),
            Map.entry("noexec", MountCalls.MS_NOEXEC),
            Map.entry("sync", MountCalls.MS_SYNCHRONOUS),
            Map.entry("dirsync", MountCalls.MS_DIRSYNC),
            Map.entry("noatime", MountCalls.MS_NOATIME),
            Map.entry("nodiratime", MountCalls.MS_NODIRATIME),
            Map.entry("relatime", MountCalls.MS_RELATIME),
            Map.entry("strictatime", MountCalls.MS_STRICTATIME),
            Map.entry("lazytime", MountCalls.MS_LAZYTIME));
    private static final Map<String, Integer> CLEARED = Map.of(
            "rw", MountCalls.MS_RDONLY,
            "suid", MountCalls.MS_NOSUID,
            "dev", MountCalls.MS_NODEV,
            "exec", MountCalls.MS_NOEXEC,
            "async", MountCalls.MS_SYNCHRONOUS,
            "atime", MountCalls.MS_NOATIME,
            "diratime", MountCalls.MS_NODIRATIME);

    static MountOptions parse(String options) {
        long flags = 0;
        StringJoiner data = new StringJoiner(",");
        for (String option : options.split(",")) {
            if (SET.containsKey(option)) {
                flags |= SET.get(option);
            } else if (CLEARED.containsKey(option)) {
                flags &= ~CLEARED.get(option);
            } else if (!option.isBlank() && !option.equals("defaults")) {
                data.add(option);
            }
        }
        return new MountOptions(flags, data.toString());
    }
}
