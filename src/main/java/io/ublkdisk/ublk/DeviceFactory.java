package io.ublkdisk.ublk;

import io.ublkdisk.kernel.Errno;
import java.util.Set;

/** Makes devices: new ones, which the driver gets to know, and devices that another server has left to be recovered. */
final class DeviceFactory {
    private DeviceFactory() {}

    static UblkDevice create(UblkDeviceBuilder settings, DeviceParams params) throws UblkException {
        LifecycleStep step = LifecycleStep.begun();
        UblkControl control = UblkControl.open(settings.controlTimeout);
        try {
            DeviceInfo info = add(control, settings, params, settings.id);
            UblkDevice device = new UblkDevice(control, settings, params, info, DeviceState.CREATED);
            step.ended(info.id(), "create", null);
            return device;
        } catch (UblkException e) {
            control.close();
            step.ended(settings.id, "create", e);
            throw e;
        }
    }

    static UblkDevice recover(UblkDeviceBuilder settings) throws UblkException {
        UblkControl control = UblkControl.open(settings.controlTimeout);
        try {
            DeviceParams params = control.params(settings.id);
            long size = settings.backend.sizeBytes();
            if (size != params.sizeBytes()) {
                throw new IllegalArgumentException("backend.sizeBytes() " + size + ": ublk device " + settings.id
                        + " has " + params.sizeBytes() + " bytes; recover it with a backend of that size");
            }
            UblkDevice device =
                    new UblkDevice(control, settings, params, control.info(settings.id), DeviceState.QUIESCED);
            device.start();
            return device;
        } catch (UblkException | RuntimeException e) {
            control.close();
            throw e;
        }
    }

    /**
     * Makes the driver know a device: ADD_DEV and SET_PARAMS, and a check that it agreed to all that was asked for.
     *
     * @param id -1 for the first that is free
     */
    static DeviceInfo add(UblkControl control, UblkDeviceBuilder settings, DeviceParams params, int id)
            throws UblkException {
        DeviceInfo info = control.add(id, settings);
        try {
            refuseWithout(settings.features(), info);
            if (settings.unprivileged) {
                control.awaitNode(info.id());
            }
            control.setParams(info.id(), params);
            if ((params.dmaAlignment() > 0 || params.segments() != null) && !params.equals(control.params(info.id()))) {
                throw new UblkException(
                        "SET_PARAMS with DMA alignment or segments",
                        Errno.EOPNOTSUPP,
                        "This kernel's ublk ignores them: use Linux 6.15 or newer, or make the device without.");
            }
            return info;
        } catch (UblkException e) {
            control.deleteAsync(info.id());
            throw e;
        }
    }

    /** Refuses what the driver left out: it says nothing of what it does not have. */
    private static void refuseWithout(Set<UblkFeature> wanted, DeviceInfo info) throws UblkException {
        for (UblkFeature feature : wanted) {
            if (!info.has(feature)) {
                throw new UblkException(
                        "ADD_DEV with " + feature,
                        Errno.EOPNOTSUPP,
                        "This kernel's ublk has no " + feature + ": use Linux " + feature.since()
                                + " or newer, or make the device without.");
            }
        }
    }
}
