package io.ublkdisk.server.recovery;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.mount.MountUsers;
import io.ublkdisk.server.mount.Mounted;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.ublk.DeviceInfo;
import io.ublkdisk.ublk.DeviceInfo.KernelState;
import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What killed servers leave behind: a socket, and of each device the mount point, the number and {@code /dev/ublkcN} (the
 * block device goes by itself). Of a device that can be recovered all stays. Our own devices are in the {@link
 * DeviceRegistry}. Of devices of other programs only the driver can tell that they have no server; they are left alone
 * unless a user asks.
 */
public final class Orphans {
    private static final Pattern SOCKET = Pattern.compile("server-([0-9]+)\\.sock");
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** A killed server's device takes a moment to notice. */
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(10);

    private static final Duration UNMOUNT_LIMIT = Duration.ofSeconds(2);
    /** A device that is being made looks like an orphan until its maker opens it. */
    private static final Duration BIRTH_LIMIT = Duration.ofMillis(300);

    private final StateFolder folder;
    private final UblkControl control;
    private final Scope scope;
    private final List<Orphan> found = new ArrayList<>();

    /**
     * A device without a server.
     *
     * @param why what is known of it, in words
     * @param deleted whether it is gone now
     */
    public record Orphan(int id, String why, boolean deleted) {
        @Override
        public String toString() {
            return (deleted ? "deleted" : "left") + " ublk device " + id + ": " + why;
        }
    }

    /** What is deleted of the devices without a server. */
    public enum Scope {
        /** What our killed servers left, but for disks that can be recovered and whose owner is still there. */
        LOST,
        /** These too. */
        OURS,
        /** And devices of other programs. */
        ALL
    }

    public interface Locked<T> {
        T run() throws IOException;
    }

    private Orphans(StateFolder folder, UblkControl control, Scope scope) {
        this.folder = folder;
        this.control = control;
        this.scope = scope;
    }

    /**
     * Clears away what servers of that folder have left that are no more.
     *
     * @return every device of this machine without a server, deleted or not
     */
    public static List<Orphan> sweep(StateFolder folder, Scope scope) throws DiskException {
        try (UblkControl control = UblkControl.open(LIMIT)) {
            return locked(folder, () -> new Orphans(folder, control, scope).sweep());
        } catch (IOException e) {
            throw new DiskException(
                    "what a killed server left in " + folder.path() + " cannot be cleared away: " + e, e);
        }
    }

    /** Deletes one disk that waits to be recovered. @return whether there was one that is called so */
    public static boolean delete(StateFolder folder, String word) throws DiskException {
        try {
            if (new DeviceRegistry(folder).all().stream().noneMatch(device -> isCalled(device, word))) {
                return false; // without asking a kernel, which may have no ublk
            }
        } catch (IOException e) {
            throw new DiskException("disk '" + word + "' cannot be looked for: " + e, e);
        }
        try (UblkControl control = UblkControl.open(LIMIT)) {
            return locked(folder, () -> {
                Orphans orphans = new Orphans(folder, control, Scope.OURS);
                for (DeviceRegistry.DeviceRecord device : new DeviceRegistry(folder).all()) {
                    if (!device.isServed() && isCalled(device, word)) {
                        orphans.sweep(device);
                        return true;
                    }
                }
                return false;
            });
        } catch (IOException e) {
            throw new DiskException("disk '" + word + "' cannot be deleted: " + e, e);
        }
    }

    private static boolean isCalled(DeviceRegistry.DeviceRecord device, String word) {
        return recoveryRecord(device)
                .filter(record -> record.isCalled(word, device.id()))
                .isPresent();
    }

    /**
     * Clears away what our own killed servers left, as every server does when it begins: says what it has done, and what it has
     * not.
     */
    public static void sweepOurs(StateFolder folder) throws IOException {
        boolean nothingToDo = locked(folder, () -> {
            deleteSockets(folder);
            return new DeviceRegistry(folder).all().stream().allMatch(DeviceRegistry.DeviceRecord::isServed);
        });
        if (!nothingToDo) {
            try (UblkControl control = UblkControl.open(LIMIT)) {
                List<Orphan> found = locked(folder, () -> {
                    Orphans orphans = new Orphans(folder, control, Scope.LOST);
                    orphans.sweepRegistered();
                    return orphans.found;
                });
                found.forEach(orphan -> Log.say(orphan.toString()));
            }
        }
    }

    /** Runs the work while no other server sweeps: a number that is free again may be another program's new device. */
    public static synchronized <T> T locked(StateFolder folder, Locked<T> work) throws IOException {
        try (FileChannel channel = FileChannel.open(
                        folder.path().resolve("sweep.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            return lock.isValid() ? work.run() : null;
        }
    }

    private List<Orphan> sweep() throws IOException {
        deleteSockets(folder);
        Set<Integer> ours = sweepRegistered();
        for (int id : UblkControl.deviceIds()) {
            if (!ours.contains(id)) {
                lookAtForeign(id);
            }
        }
        return found;
    }

    /** @return the ids of all registered devices, served or not */
    private Set<Integer> sweepRegistered() throws IOException {
        List<DeviceRegistry.DeviceRecord> devices = new DeviceRegistry(folder).all();
        Set<Integer> served = devices.stream()
                .filter(DeviceRegistry.DeviceRecord::isServed)
                .map(DeviceRegistry.DeviceRecord::id)
                .collect(Collectors.toSet());
        Set<Integer> ours = new HashSet<>(served);
        for (DeviceRegistry.DeviceRecord device : devices) {
            ours.add(device.id());
            if (!device.isServed() && served.contains(device.id())) {
                forget(
                        device,
                        recoveryRecord(device)); // killed before it had the device, and another has that number now
            } else if (!device.isServed()) {
                sweep(device);
            }
        }
        return ours;
    }

    private static void deleteSockets(StateFolder folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.path(), "server-*.sock")) {
            for (Path file : files) {
                Matcher name = SOCKET.matcher(file.getFileName().toString());
                if (name.matches() && !DeviceRegistry.isAlive(Long.parseLong(name.group(1)))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private void sweep(DeviceRegistry.DeviceRecord device) throws IOException {
        Optional<RecoveryRecord> record = recoveryRecord(device);
        Optional<DeviceInfo> info = unserved(device.id());
        if (info.isEmpty()) {
            forget(device, record);
        } else if (info.get().kernelState() == KernelState.LIVE) {
            found.add(new Orphan(device.id(), killed(device) + ", and the driver has not noticed yet", false));
        } else if (record.isPresent() && info.get().isRecoverable() && scope == Scope.LOST && !isLost(record.get())) {
            String name = record.get().name(device.id());
            found.add(new Orphan(
                    device.id(),
                    killed(device) + "; it waits for: ublkdisk recover " + name + ", or sweep --all",
                    false));
        } else {
            takeOff(device.id());
            boolean deleted = delete(device.id());
            found.add(new Orphan(device.id(), killed(device), deleted));
            if (deleted) {
                forget(device, record);
            }
        }
    }

    private static Optional<RecoveryRecord> recoveryRecord(DeviceRegistry.DeviceRecord device) {
        try {
            return device.recoveryRecord();
        } catch (IOException e) {
            Log.say(device.file() + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private static String killed(DeviceRegistry.DeviceRecord device) {
        return device.serverPid() == DeviceRegistry.NO_SERVER
                ? "it was quiesced, and no server has recovered it"
                : "its server, process " + device.serverPid() + ", was killed";
    }

    /** Returns whether the disk was to end with a client that is gone: no client will ask for it any more. */
    private static boolean isLost(RecoveryRecord record) {
        return record.owned() && ProcessHandle.of(record.clientPid()).isEmpty();
    }

    private void forget(DeviceRegistry.DeviceRecord device, Optional<RecoveryRecord> record) throws IOException {
        Files.deleteIfExists(device.file());
        if (record.isPresent()) {
            NameClaim.forget(record.get().spec().name(), folder);
            if (record.get().media().isPresent()) {
                Files.deleteIfExists(record.get().media().get());
            }
        }
    }

    /** While the number is still taken, so that no other server has a mount there. */
    private void takeOff(int id) {
        try {
            control.stop(id); // what waits for the next server fails now, and what is mounted can be unmounted
            Mounted.takeOff(Path.of("/dev/ublkb" + id), UNMOUNT_LIMIT, () -> {});
            Files.deleteIfExists(folder.mountFolder().resolve("ublkb" + id));
        } catch (IOException e) {
            Log.say("a mount point of a killed server stays behind: " + e);
        }
    }

    /** Returns a device that is neither served nor being made; empty if there is none, or it is served. */
    private Optional<DeviceInfo> unserved(int id) {
        TimeLimitedTask.until(
                DEATH_LIMIT,
                () -> info(id).filter(i -> i.kernelState() == KernelState.LIVE && !isServer(i.serverPid()))
                        .isEmpty());
        return info(id).filter(i -> !isServer(i.serverPid()));
    }

    private Optional<DeviceInfo> info(int id) {
        try {
            return Optional.of(control.info(id));
        } catch (UblkException e) {
            return Optional.empty();
        }
    }

    private static boolean isServer(int pid) {
        return pid > 0 && ProcessHandle.of(pid).isPresent();
    }

    private void lookAtForeign(int id) {
        Optional<DeviceInfo> info = unserved(id);
        if (info.isPresent() && !TimeLimitedTask.until(BIRTH_LIMIT, () -> isOpen(id))) {
            String why = "not ours; its server is gone, the driver says "
                    + info.get().kernelState();
            found.add(
                    scope == Scope.ALL
                            ? new Orphan(id, why, delete(id))
                            : new Orphan(id, why + "; sweep --all deletes it", false));
        }
    }

    private static boolean isOpen(int id) {
        return !MountUsers.under(Path.of("/dev/ublkc" + id)).isEmpty();
    }

    private boolean delete(int id) {
        try {
            control.deleteAsync(id);
            return true;
        } catch (UblkException e) {
            Log.debug("ublk device " + id + " of a killed server: " + e.getMessage());
            return false;
        }
    }
}
