package io.ublkdisk.ublk;

import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.UblkCommands;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code /dev/ublk-control}, where devices are made, started, stopped and deleted. Every command has a time limit. Thread safe:
 * each command has a ring of its own, so a STOP that takes long keeps no other thread from asking.
 */
final class ControlDevice implements AutoCloseable {
    static final String PATH = "/dev/ublk-control";

    private final int fd;
    private final boolean root = LinuxCalls.geteuid() == 0;
    /** Devices that were made by a user who is not root. */
    private final Set<Integer> unprivileged = ConcurrentHashMap.newKeySet();

    private boolean closed;

    private ControlDevice(int fd) {
        this.fd = fd;
    }

    static ControlDevice open() throws UblkException {
        return new ControlDevice(openOrExplain(PATH));
    }

    static String charDevice(int id) {
        return "/dev/ublkc" + id;
    }

    /** Opens a device node, with the remedy if that fails. */
    static int openOrExplain(String path) throws UblkException {
        int fd = LinuxCalls.open(path, LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC);
        if (fd < 0) {
            throw new UblkException("open " + path, Errno.of(fd), Remedy.forOpen(path, Errno.of(fd)));
        }
        return fd;
    }

    /**
     * Returns a command to fill in and {@link ControlCommand#run run}.
     *
     * @param deviceId -1 for none
     */
    ControlCommand command(String name, int opcode, int deviceId) throws UblkException {
        ControlCommand command = new ControlCommand(fd, name, opcode, deviceId);
        boolean isOfDevice = deviceId >= 0 && opcode != UblkCommands.UBLK_U_CMD_ADD_DEV;
        return isOfDevice && (!root || unprivileged.contains(deviceId)) ? command.path(charDevice(deviceId)) : command;
    }

    /** Sends commands about that device with its path from now on. */
    void learn(DeviceInfo info) {
        if (info.has(UblkFeature.UNPRIVILEGED_DEV)) {
            unprivileged.add(info.id());
        } else {
            unprivileged.remove(info.id());
        }
    }

    boolean isUnprivileged(int deviceId) {
        return unprivileged.contains(deviceId);
    }

    /** Runs a command that has neither argument nor buffer. */
    void run(String name, int opcode, int deviceId, Duration limit) throws UblkException {
        try (ControlCommand command = command(name, opcode, deviceId)) {
            command.run(limit);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            LinuxCalls.close(fd);
        }
    }
}
