package io.ublkdisk.ublk;

import jdk.jfr.FlightRecorder;

/** One step in the life of a device, from its begin to its end, for a recorder. */
final class LifecycleStep {
    private static final LifecycleStep UNSEEN = new LifecycleStep(null);

    private final DeviceEvent event;

    private LifecycleStep(DeviceEvent event) {
        this.event = event;
    }

    static LifecycleStep begun() {
        if (!FlightRecorder.isInitialized()) {
            return UNSEEN;
        }
        DeviceEvent event = new DeviceEvent();
        event.begin();
        return new LifecycleStep(event);
    }

    /** What a step does. */
    interface Work {
        void run() throws UblkException;
    }

    /** Does a step of a device that has its number. */
    static void run(int deviceId, String name, Work work) throws UblkException {
        LifecycleStep step = begun();
        try {
            work.run();
            step.ended(deviceId, name, null);
        } catch (UblkException e) {
            step.ended(deviceId, name, e);
            throw e;
        }
    }

    /** @param error null if it went well */
    void ended(int deviceId, String step, Throwable error) {
        if (event == null) {
            return;
        }
        event.end();
        if (event.shouldCommit()) {
            event.deviceId = deviceId;
            event.step = step;
            event.error = error == null ? null : error.getMessage();
            event.commit();
        }
    }
}
