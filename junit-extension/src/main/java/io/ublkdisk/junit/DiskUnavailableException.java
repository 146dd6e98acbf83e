package io.ublkdisk.junit;

import org.apiguardian.api.API;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/**
 * No disk can be made on this machine; the message names the probe that failed and the ways out, the first time in a run, and later
 * is one line. It has no stack trace, because the machine is wrong and not the code; and it is what Jupiter throws where a parameter
 * cannot be given, so that Jupiter does not repeat the message in another exception.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public final class DiskUnavailableException extends ParameterResolutionException {
    private static final long serialVersionUID = 1;

    /** Makes one with that message, which the engine has composed. */
    @API(status = API.Status.INTERNAL)
    public DiskUnavailableException(String message) {
        super(message);
        setStackTrace(new StackTraceElement[0]);
    }
}
