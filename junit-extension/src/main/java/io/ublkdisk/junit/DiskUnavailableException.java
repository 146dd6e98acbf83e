package io.ublkdisk.junit;

import org.junit.platform.commons.JUnitException;

/** No disk can be made on this machine; the message names the probe that failed and the ways out. */
public final class DiskUnavailableException extends JUnitException {
    private static final long serialVersionUID = 1;

    DiskUnavailableException(String message) {
        super(message);
    }
}
