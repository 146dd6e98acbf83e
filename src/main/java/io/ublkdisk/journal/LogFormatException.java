package io.ublkdisk.journal;

import java.io.IOException;

/** A file that is no log, or a damaged one. The message names the file, the place and the value. */
public final class LogFormatException extends IOException {
    LogFormatException(String message) {
        super(message);
    }
}
