package io.ublkdisk.server.log;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A fault that was injected, for a recording of the server's JVM. Its time is when it was. */
@Name("io.ublkdisk.Fault")
@Label("Injected Fault")
@Category("ublkdisk")
@Description("A rule of a disk did what it is for")
@StackTrace(false)
final class InjectedFault extends Event {
    @Label("Rule")
    String rule;

    @Label("Effect")
    String effect;

    @Label("Operation")
    String operation;

    @Label("Sector")
    @Description("The first of the request, in units of 512 bytes")
    long sector;

    @Label("Length")
    @DataAmount
    long length;

    @Label("Device")
    String device;

    @Label("Change")
    String change;
}
