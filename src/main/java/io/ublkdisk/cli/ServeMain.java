package io.ublkdisk.cli;

import io.ublkdisk.control.StateFolder;
import io.ublkdisk.server.mount.OwnMounts;
import io.ublkdisk.server.session.Server;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The disk server as a process: {@code [--log FILE]}. Says {@code ready SOCKET} on its standard output, or why not on its
 * standard error. Started by {@code ServerProcess}, in a mount namespace of its own; apart from the other commands because
 * it must start quickly.
 */
public final class ServeMain {
    private ServeMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path log = arguments.length == 2 && arguments[0].equals("--log") ? Path.of(arguments[1]) : null;
        int status = 1;
        try {
            OwnMounts.forgetDisks();
            ServedCommands commands = new ServedCommands();
            Server server = new Server(StateFolder.ofUser(), ServeMain::say, commands);
            endWithProcess(server);
            System.out.println("ready " + server.socket());
            closeOutput();
            server.warmUp();
            server.awaitEnd();
            status = 0;
            if (log != null) {
                Files.deleteIfExists(log);
            }
        } catch (IOException e) {
            say(e.getMessage());
        }
        System.exit(status);
    }

    static void say(String text) {
        System.err.println("ublkdisk: " + text);
    }

    /** Ends all disks on SIGTERM, SIGINT and SIGHUP, within the time limits of {@link Server#close}. */
    static void endWithProcess(Server server) {
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "ublkdisk-end"));
    }

    /** Closes our output, so that a program that waits for its end, as a shell does in {@code $(…)}, goes on. */
    private static void closeOutput() throws IOException {
        System.out.flush();
        new FileOutputStream(FileDescriptor.out).close();
    }
}
