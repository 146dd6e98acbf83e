package io.ublkdisk.cli;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.server.session.Server;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Does what can be done without a device and ends, so that its classes are loaded: from this the build makes the archive of
 * classes (class data sharing) beside the jar, with which servers and commands start sooner. With the word {@code server},
 * only what a server needs.
 *
 * <p>What a rehearsal forgets, or cannot do on the machine that builds, is loaded from the jar as it ever was.
 */
final class ArchiveTraining {
    private static final String PACKAGE = "io/ublkdisk/";

    private ArchiveTraining() {}

    public static void main(String[] arguments) throws Exception {
        boolean serverOnly = List.of(arguments).contains("server");
        loadClasses(serverOnly);
        serve();
        if (!serverOnly) {
            command("--help");
            command("check", "/nowhere.fault");
            command("add", "--size", "1");
            command("stats", "no-such-disk", "--json");
        }
    }

    /** Loads them without running anything of them. */
    private static void loadClasses(boolean serverOnly) throws IOException {
        String own = ArchiveTraining.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        try (JarFile jar = new JarFile(new File(own))) {
            for (JarEntry entry : jar.stream().toList()) {
                String name = entry.getName();
                if (name.startsWith(PACKAGE) && name.endsWith(".class") && !(serverOnly && name.contains("/cli/"))) {
                    load(name.substring(0, name.length() - ".class".length()).replace('/', '.'));
                }
            }
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, ArchiveTraining.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            System.err.println("not archived: " + name + ": " + e);
        }
    }

    /** Runs a server with a client that asks for what needs no device. */
    private static void serve() throws IOException, ProtocolException {
        Path folder = Files.createTempDirectory("ublkdisk-rehearsal");
        try (Server server = new Server(new StateFolder(folder.resolve("state")), line -> {});
                ServerConnection connection = ServerConnection.open(server.socket())) {
            connection.disks();
            server.rehearse();
            connection.features();
        } catch (DiskException e) {
            // No ublk where this is built: what asks the driver is loaded all the same.
            return;
        } finally {
            try (Stream<Path> left = Files.walk(folder)) {
                left.sorted(Comparator.reverseOrder())
                        .forEach(each -> each.toFile().delete());
            }
        }
    }

    private static void command(String... words) {
        PrintWriter nowhere = new PrintWriter(OutputStream.nullOutputStream());
        CommandLine line = Ublkdisk.commandLine();
        line.setOut(nowhere).setErr(nowhere).execute(words);
    }
}
