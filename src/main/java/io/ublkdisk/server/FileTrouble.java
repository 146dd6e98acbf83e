package io.ublkdisk.server;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** What is the matter with a file that somebody wants written, in words. */
final class FileTrouble {
    private FileTrouble() {}

    static String of(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such folder";
        }
        return e instanceof AccessDeniedException ? "access is denied" : e.getMessage();
    }
}
