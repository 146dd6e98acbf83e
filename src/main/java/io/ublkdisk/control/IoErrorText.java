package io.ublkdisk.control;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Says what is the matter with a file: its path, the error, and what to do. */
public final class IoErrorText {
    private IoErrorText() {}

    /** Returns what is wrong and the remedy, without the path, for a file that was to be read. */
    public static String of(IOException e) {
        return e instanceof NoSuchFileException ? "no such file; check the spelling and the folder" : other(e);
    }

    /** Returns what is wrong and the remedy, without the path, for a file that was to be written. */
    public static String ofWriting(IOException e) {
        return e instanceof NoSuchFileException ? "there is no such folder; make it, or name another place" : other(e);
    }

    /** Returns the path, what is wrong and the remedy. A message that has the path already stays as it is. */
    public static String at(Path path, IOException e) {
        String message = e.getMessage() == null ? "" : e.getMessage();
        return !(e instanceof FileSystemException) && message.contains(path.toString()) ? message : path + ": " + of(e);
    }

    /** Returns what a whole command failed with. */
    public static String of(Exception e) {
        if (e instanceof FileSystemException about && about.getFile() != null) {
            return about.getFile() + ": " + of(about);
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private static String other(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "access is denied; do it as a user that may, or change the permissions";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "exists already; remove it, or choose another name";
        }
        String text = e instanceof FileSystemException about && about.getReason() != null
                ? about.getReason()
                : String.valueOf(e.getMessage() == null ? e : e.getMessage());
        if (text.startsWith("Too many levels of symbolic links")) {
            return "its links lead in a circle; mend them";
        }
        return switch (text) {
            case "Is a directory" -> "is a folder; name a file in it";
            case "Not a directory" -> "a part of the path is a file and no folder; check the path";
            case "No space left on device" -> "no space left there; make room, or name another place";
            case "Read-only file system" -> "its filesystem is read-only; name another place";
            case "File name too long" -> "the name is too long; shorten it";
            default -> text;
        };
    }
}
