package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_ADD_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_DEL_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_DEL_DEV_ASYNC;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_END_USER_RECOVERY;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_GET_DEV_INFO;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_GET_DEV_INFO2;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_GET_FEATURES;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_GET_PARAMS;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_GET_QUEUE_AFFINITY;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_QUIESCE_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_SET_PARAMS;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_START_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_START_USER_RECOVERY;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_STOP_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_TRY_STOP_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_UPDATE_SIZE;

import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.KernelFaults;
import io.ublkdisk.kernel.UblkDevInfo;
import io.ublkdisk.kernel.UblkParams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Commands to the ublk driver itself, whichever program serves the devices: what the driver can do, which devices there
 * are, deleting a device. Every call has a time limit; thread safe. Follows {@code drivers/block/ublk_drv.c} of Linux 6.12
 * to 7.3.
 */
public final class UblkControl implements AutoCloseable {
    private static final Path DEVICES = Path.of("/sys/class/ublk-char");
    private static final String DEVICE_PREFIX = "ublkc";
    private static final long RETRY_NANOS = 5_000_000;
    private static final Duration DELETE_PATIENCE = Duration.ofMillis(200);

    /** Room for 8192 processors. */
    private static final int AFFINITY_BYTES = 1024;

    private final ControlDevice device;
    private final Duration limit;

    private UblkControl(ControlDevice device, Duration limit) {
        this.device = device;
        this.limit = limit;
    }

    /**
     * @param limit how long each command may take
     * @throws UblkException if there is no ublk, or no right to use it
     */
    public static UblkControl open(Duration limit) throws UblkException {
        return new UblkControl(ControlDevice.open(), limit);
    }

    /** Returns why there can be no ublk device here, with the remedy; empty if there can. Changes nothing. */
    public static Optional<String> probe() {
        try (UblkControl control = open(Duration.ofSeconds(5))) {
            control.featureBits();
            return Optional.empty();
        } catch (UblkException e) {
            return Optional.of(e.getMessage());
        } catch (UnsatisfiedLinkError e) {
            return Optional.of("JNA has no native library for this machine: " + e.getMessage());
        }
    }

    /** Returns what the driver can do. */
    public Set<UblkFeature> features() throws UblkException {
        return UblkFeature.of(featureBits());
    }

    /** {@code UBLK_F_*} as the driver answers them, unknown bits among them. */
    public long featureBits() throws UblkException {
        try (ControlCommand command = device.command("GET_FEATURES", UBLK_U_CMD_GET_FEATURES, -1)) {
            ByteBuffer answer = command.buffer(Long.BYTES);
            command.run(limit);
            return answer.getLong(0);
        }
    }

    /** @throws UblkException EOPNOTSUPP, with the kernel that can, if this one cannot */
    void require(UblkFeature feature, String what) throws UblkException {
        if (!features().contains(feature)) {
            throw new UblkException(
                    what,
                    Errno.EOPNOTSUPP,
                    "This kernel's ublk has no " + feature + ": use Linux " + feature.since() + " or newer.");
        }
    }

    /** Returns the ids of all devices there are, in order: also of devices whose server is gone. */
    public static List<Integer> deviceIds() throws IOException {
        List<Integer> ids = new ArrayList<>();
        if (Files.isDirectory(DEVICES)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(DEVICES, DEVICE_PREFIX + "*")) {
                for (Path entry : entries) {
                    ids.add(Integer.valueOf(entry.getFileName().toString().substring(DEVICE_PREFIX.length())));
                }
            }
        }
        Collections.sort(ids);
        return ids;
    }

    public DeviceInfo info(int id) throws UblkException {
        try {
            return info(device.command("GET_DEV_INFO", UBLK_U_CMD_GET_DEV_INFO, id));
        } catch (UblkException e) {
            // So the driver answers root about a device that somebody else has made.
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            return info(device.command("GET_DEV_INFO2", UBLK_U_CMD_GET_DEV_INFO2, id)
                    .path(ControlDevice.charDevice(id)));
        }
    }

    private DeviceInfo info(ControlCommand command) throws UblkException {
        try (command) {
            UblkDevInfo answer = new UblkDevInfo().wrap(command.buffer(UblkDevInfo.BYTES), 0);
            command.run(limit);
            DeviceInfo info = DeviceInfo.of(answer);
            device.learn(info);
            return info;
        }
    }

    public DeviceParams params(int id) throws UblkException {
        try (ControlCommand command = device.command("GET_PARAMS", UBLK_U_CMD_GET_PARAMS, id)) {
            UblkParams params = new UblkParams().wrap(command.buffer(UblkParams.BYTES), 0);
            params.len(UblkParams.BYTES);
            command.run(limit);
            return DeviceParams.of(params);
        }
    }

    /** Returns the processors whose requests go to that queue. */
    public BitSet queueAffinity(int id, int queueId) throws UblkException {
        try (ControlCommand command = device.command("GET_QUEUE_AFFINITY", UBLK_U_CMD_GET_QUEUE_AFFINITY, id)) {
            ByteBuffer mask = command.buffer(AFFINITY_BYTES);
            command.data(queueId).run(limit);
            return BitSet.valueOf(mask.slice(0, AFFINITY_BYTES));
        }
    }

    /** Takes the block device away. Waits for requests in flight, so its server must go on serving. */
    public void stop(int id) throws UblkException {
        device.run("STOP_DEV", UBLK_U_CMD_STOP_DEV, id, limit);
    }

    /**
     * Returns the same, unless a process has the block device open. Linux 7.0.
     *
     * @return whether it was stopped
     */
    public boolean tryStop(int id) throws UblkException {
        try (ControlCommand command = tryStopCommand(id)) {
            command.run(limit);
            return true;
        } catch (UblkException e) {
            if (e.errno() == Errno.EBUSY) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Takes the device away from its server, which ends with it; until it is recovered its requests wait, or fail, as its
     * {@link io.ublkdisk.block.Recovery} says. Returns when the driver has told the server, which may still have requests.
     * Linux 6.16.
     *
     * @param patience how long to wait for a moment in which no queue is full, from 1 ms on
     */
    public void quiesce(int id, Duration patience) throws UblkException {
        try (ControlCommand command = device.command("QUIESCE_DEV", UBLK_U_CMD_QUIESCE_DEV, id)) {
            command.data(Math.max(1, patience.toMillis())).run(patience.plus(limit));
        }
    }

    /** Tells the block layer another size, which its server must know already. Linux 6.16. */
    public void resize(int id, long sizeBytes) throws UblkException {
        try (ControlCommand command = device.command("UPDATE_SIZE", UBLK_U_CMD_UPDATE_SIZE, id)) {
            command.data(Sectors.ofBytes(sizeBytes)).run(limit);
        }
    }

    /** Deletes the device, stopping it first, and waits until it has gone: until no process has it open. */
    public void delete(int id) throws UblkException {
        device.run("DEL_DEV", UBLK_U_CMD_DEL_DEV, id, limit);
    }

    /** Deletes the device, and does not wait. Linux 6.7. */
    public void deleteAsync(int id) throws UblkException {
        if (device.isUnprivileged(id)) {
            // Where the driver asks for the path it does not know the command; so the answer of the other one is not
            // awaited.
            try (ControlCommand delete = device.command("DEL_DEV", UBLK_U_CMD_DEL_DEV, id)) {
                delete.submit();
                if (delete.await(DELETE_PATIENCE)) {
                    delete.check();
                }
            }
            return;
        }
        device.run("DEL_DEV_ASYNC", UBLK_U_CMD_DEL_DEV_ASYNC, id, limit);
    }

    /**
     * @param id -1 for any
     * @param settings of their features the driver leaves out what it does not have
     * @return what the driver made of it
     */
    DeviceInfo add(int id, UblkDeviceBuilder settings) throws UblkException {
        refuseFaultyKernel();
        try (ControlCommand command = device.command("ADD_DEV", UBLK_U_CMD_ADD_DEV, id)) {
            UblkDevInfo info = new UblkDevInfo().wrap(command.buffer(UblkDevInfo.BYTES), 0);
            info.devId(id)
                    .nrHwQueues(settings.queues)
                    .queueDepth(settings.queueDepth)
                    .maxIoBufBytes(settings.maxIoBytes)
                    .ioDescSize(settings.ioDescSize)
                    .ublksrvFlags(settings.serverFlags())
                    .flags(UblkFeature.bits(settings.features()) | UblkFeature.bits(settings.welcome()));
            command.run(limit);
            DeviceInfo made = DeviceInfo.of(info);
            device.learn(made);
            return made;
        }
    }

    private static void refuseFaultyKernel() throws UblkException {
        Optional<String> refusal = KernelFaults.refusalHere();
        if (refusal.isPresent()) {
            throw new UblkException("ADD_DEV", Errno.EOPNOTSUPP, refusal.get());
        }
    }

    /**
     * Waits for the node and its owner. For a user who is not root the node decides what he may do, and udev makes him its
     * owner a moment after it is there.
     */
    void awaitNode(int id) throws UblkException {
        Path node = Path.of(ControlDevice.charDevice(id));
        long deadline = Clock.nanos() + limit.toNanos();
        while (!Files.isReadable(node) || !Files.isWritable(node)) {
            if (Clock.nanos() - deadline >= 0) {
                throw new UblkException("open " + node, Errno.EACCES, Remedy.NO_RULE);
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    void setParams(int id, DeviceParams params) throws UblkException {
        try (ControlCommand command = device.command("SET_PARAMS", UBLK_U_CMD_SET_PARAMS, id)) {
            params.writeTo(new UblkParams().wrap(command.buffer(UblkParams.BYTES), 0));
            command.run(limit);
        }
    }

    /**
     * Tries whether the driver takes these parameters: makes a device, sets them, and deletes it again.
     *
     * @param id -1 for any
     * @param fill sets all but {@code len}
     * @throws UblkException its operation is {@code SET_PARAMS of …} if these are what the driver refuses
     */
    public void tryParams(int id, int queues, int queueDepth, Set<UblkFeature> features, Consumer<UblkParams> fill)
            throws UblkException {
        refuseFaultyKernel();
        int made;
        try (ControlCommand command = device.command("ADD_DEV", UBLK_U_CMD_ADD_DEV, id)) {
            UblkDevInfo info = new UblkDevInfo().wrap(command.buffer(UblkDevInfo.BYTES), 0);
            long flags = features.stream().mapToLong(UblkFeature::bit).reduce(0, (a, b) -> a | b);
            info.devId(id)
                    .nrHwQueues(queues)
                    .queueDepth(queueDepth)
                    .maxIoBufBytes(1 << 20)
                    .flags(flags);
            command.run(limit);
            made = info.devId();
        }
        try (ControlCommand command = device.command("SET_PARAMS", UBLK_U_CMD_SET_PARAMS, made)) {
            UblkParams params = new UblkParams().wrap(command.buffer(UblkParams.BYTES), 0);
            fill.accept(params.len(UblkParams.BYTES));
            command.run(limit);
        } finally {
            delete(made);
        }
    }

    void start(int id) throws UblkException {
        try (ControlCommand command = device.command("START_DEV", UBLK_U_CMD_START_DEV, id)) {
            command.data(ProcessHandle.current().pid()).run(limit);
        }
    }

    /**
     * Begins a recovery: waits until the driver has finished with the last server, at most as long as the time limit.
     *
     * @throws UblkException EBUSY if the device is still served, EINVAL if it cannot be recovered
     */
    void startRecovery(int id) throws UblkException {
        long deadline = Clock.nanos() + limit.toNanos();
        while (true) {
            try {
                device.run("START_USER_RECOVERY", UBLK_U_CMD_START_USER_RECOVERY, id, limit);
                return;
            } catch (UblkException e) {
                if (e.errno() != Errno.EBUSY || Clock.nanos() - deadline >= 0) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /** Tells the driver that the queues of the new server have fetched; requests flow again. */
    void endRecovery(int id) throws UblkException {
        try (ControlCommand command = device.command("END_USER_RECOVERY", UBLK_U_CMD_END_USER_RECOVERY, id)) {
            command.data(ProcessHandle.current().pid()).run(limit);
        }
    }

    /** Returns the same as {@link #stopCommand}, for {@link #tryStop}. */
    ControlCommand tryStopCommand(int id) throws UblkException {
        return device.command("TRY_STOP_DEV", UBLK_U_CMD_TRY_STOP_DEV, id);
    }

    /** Returns a STOP under way, for callers that must serve meanwhile. */
    ControlCommand stopCommand(int id) throws UblkException {
        return device.command("STOP_DEV", UBLK_U_CMD_STOP_DEV, id);
    }

    Duration limit() {
        return limit;
    }

    static boolean isGone(UblkException e) {
        return e.isGone();
    }

    @Override
    public void close() {
        device.close();
    }
}
