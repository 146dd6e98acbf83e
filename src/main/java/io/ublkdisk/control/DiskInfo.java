package io.ublkdisk.control;

import io.ublkdisk.protocol.KeyValues;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A disk that is there.
 *
 * @param id the kernel's number of the device, which another disk may have when this one is gone
 * @param serial its number among the disks of its server, which no other disk of that server ever has
 * @param seed what all its chance comes from
 * @param mountPoint where the server has mounted it
 */
public record DiskInfo(
        int id,
        long serial,
        String name,
        Path device,
        long sizeBytes,
        int queues,
        int queueDepth,
        int logicalBlockSizeBytes,
        FileSystem fileSystem,
        long seed,
        long serverPid,
        Optional<Path> mountPoint) {

    /** Returns it as the protocol writes it. */
    public KeyValues fields() {
        return new KeyValues()
                .put("id", id)
                .put("serial", serial)
                .put("name", name)
                .put("device", device)
                .put("size", sizeBytes)
                .put("queues", queues)
                .put("depth", queueDepth)
                .put("block-size", logicalBlockSizeBytes)
                .put("fs", fileSystem.word())
                .put("seed", seed)
                .put("server-pid", serverPid)
                .put("mount-point", mountPoint.orElse(null));
    }

    /** Reads what {@link #fields} wrote. */
    public static DiskInfo parse(KeyValues fields) {
        return new DiskInfo(
                (int) fields.number("id", -1),
                fields.number("serial", -1),
                fields.text("name").orElse("?"),
                Path.of(fields.text("device").orElse("?")),
                fields.number("size", 0),
                (int) fields.number("queues", 0),
                (int) fields.number("depth", 0),
                (int) fields.number("block-size", 512),
                fields.text("fs").map(FileSystem::named).orElse(FileSystem.NONE),
                fields.number("seed", 0),
                fields.number("server-pid", -1),
                fields.text("mount-point").map(Path::of));
    }

    /** Returns whether a person who writes that means this disk: its name, its id or its device's path. */
    public boolean isCalled(String word) {
        return word.equals(name) || word.equals(Integer.toString(id)) || word.equals(device.toString());
    }

    /** Returns what means this disk and never another one, in what is said to its server: {@code name#serial}. */
    public String handle() {
        return name + "#" + serial;
    }
}
