package io.ublkdisk.ublk;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * A step in the life of a device, with how long it took: {@code io.ublkdisk.Device} in a flight recording. Made by {@link
 * LifecycleStep}, and only while something records: the first event of a JVM loads 360 classes.
 */
@Name("io.ublkdisk.Device")
@Label("ublk device")
@Category("ublkdisk")
@Description("A ublk device was created, started, stopped or deleted")
@StackTrace(false)
final class DeviceEvent extends Event {
    @Label("Device id")
    int deviceId;

    @Label("Step")
    String step;

    @Label("Error")
    String error;
}
