package io.ublkdisk.server.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.Consumer;

/**
 * What the server has to say beside its answers. One for the process; the program that starts the server says where it goes.
 */
public final class Log {
    private static final boolean DEBUG = Boolean.getBoolean("ublkdisk.debug");
    private static volatile Consumer<String> listener = line -> {};

    private Log() {}

    public static void to(Consumer<String> listener) {
        Log.listener = listener;
    }

    public static void say(String text) {
        listener.accept(text);
    }

    public static void debug(String text) {
        if (DEBUG) {
            say(text);
        }
    }

    public static void trace(String text, Throwable cause) {
        StringWriter trace = new StringWriter();
        cause.printStackTrace(new PrintWriter(trace));
        say(text + "\n" + trace);
    }
}
