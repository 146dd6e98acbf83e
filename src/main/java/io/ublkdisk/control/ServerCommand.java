package io.ublkdisk.control;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The command line that starts a server: in a session of its own, so that no key pressed at our terminal reaches it; in a
 * mount namespace of its own, made before it mounts anything; with no more on its class path than it needs.
 */
final class ServerCommand {
    private static final String MAIN = "io.ublkdisk.cli.ServeMain";
    private static final List<String> NEEDED = List.of(MAIN, "io.ublkdisk.control.ServerCommand", "com.sun.jna.Native");
    private static final Pattern IN_JAR = Pattern.compile("jar:(file:.*)!/.*");
    /** The heap holds objects only; a disk's bytes lie outside it. */
    private static final int HEAP_MIB = 256;

    private ServerCommand() {}

    static List<String> of(List<String> arguments) throws DiskException {
        List<String> command = new ArrayList<>(List.of("setsid", "unshare", "--mount", "--propagation", "private"));
        command.addAll(java());
        command.add(MAIN);
        command.addAll(arguments);
        return command;
    }

    private static List<String> java() throws DiskException {
        List<String> java = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                // A request goes through more calls, from the ring to a disk's bytes, than are made one piece of code
                // by default.
                "-XX:MaxInlineLevel=40",
                "-XX:+ExitOnOutOfMemoryError",
                // So that the last lines that a crashed server wrote say why.
                "-XX:+DisplayVMOutputToStderr",
                "-Xshare:auto",
                "-Xmx" + HEAP_MIB + "m",
                "-XX:MaxDirectMemorySize=" + memoryBytes(),
                "-Djava.awt.headless=true"));
        if (Runtime.version().feature() >= 24) {
            java.add("--enable-native-access=ALL-UNNAMED");
        }
        String more = System.getenv("UBLKDISK_JAVA_OPTIONS");
        if (more != null && !more.isBlank()) {
            java.addAll(List.of(more.strip().split("\\s+")));
        }
        String classPath = classPath();
        java.addAll(sharedClasses(classPath));
        java.addAll(List.of("-cp", classPath));
        return java;
    }

    /**
     * Returns the archive of classes that the build has made beside our jar, if it is there. The JVM looks whether it is of
     * itself and of these very jars, and does without it, in silence, where it is not.
     */
    static List<String> sharedClasses(String classPath) {
        String first = classPath.split(File.pathSeparator)[0];
        Path archive = Path.of(first.replaceFirst("\\.jar$", "") + ".jsa");
        return Files.isReadable(archive)
                ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds*=off", "-Xlog:class+path=off")
                : List.of();
    }

    /** Returns the memory of the machine: what is written to disks decides how much is used, not a number here. */
    private static long memoryBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                if (line.startsWith("MemTotal:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
                }
            }
        } catch (IOException | NumberFormatException e) {
            // The default below is right for any machine that can run the tests of this project.
        }
        return 4L << 30;
    }

    private static String classPath() throws DiskException {
        Set<String> entries = new LinkedHashSet<>();
        for (String name : NEEDED) {
            String resource = name.replace('.', '/') + ".class";
            URL url = ServerCommand.class.getClassLoader().getResource(resource);
            if (url == null) {
                throw new DiskException("class " + name + " is not on the class path; the disk server needs the module"
                        + " ublkdisk with its dependencies");
            }
            Matcher jar = IN_JAR.matcher(url.toString());
            String path = jar.matches()
                    ? Path.of(URI.create(jar.group(1))).toString()
                    : Path.of(URI.create(url.toString())).toString().replace(resource, "");
            entries.add(path);
        }
        return String.join(File.pathSeparator, entries);
    }
}
