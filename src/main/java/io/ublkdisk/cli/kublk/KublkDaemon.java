package io.ublkdisk.cli.kublk;

import io.ublkdisk.server.mount.OwnMounts;
import io.ublkdisk.ublk.DeviceListener;
import io.ublkdisk.ublk.DeviceState;
import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkDevice;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** This process as the server of one device, until a command stops it. */
final class KublkDaemon implements DeviceListener {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final boolean foreground;
    private final PrintWriter out;
    private final CountDownLatch stopped = new CountDownLatch(1);

    KublkDaemon(boolean foreground, PrintWriter out) {
        this.foreground = foreground;
        this.out = out;
    }

    /** Returns the exit status, when the device has been stopped. One that does not start is deleted. */
    int serve(UblkDevice device) throws IOException {
        OwnMounts.forgetDisks();
        try {
            device.start();
        } catch (IOException e) {
            device.close();
            throw e;
        }
        try (UblkControl control = UblkControl.open(LIMIT)) {
            out.print(DeviceText.of(control, device.id()));
        }
        out.flush();
        if (!foreground) {
            detach();
        }
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return device.state() == DeviceState.FAILED ? 1 : 0;
    }

    @Override
    public void stoppedFromOutside() {
        stopped.countDown();
    }

    /** Closes our output, so that a program that waits for its end goes on. */
    private static void detach() throws IOException {
        new FileOutputStream(FileDescriptor.out).close();
        new FileOutputStream(FileDescriptor.err).close();
    }
}
