package io.ublkdisk.bench;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * From a server's {@code java} to the first byte of its first disk, in parts. Where one ends inside of the server, its JVM tells by the
 * class that the next one begins with; clocks of one machine agree. A process of its own, since a server takes over its environment.
 */
final class FirstDisk {
    private static final String COLD = "server: from nothing to the first read, a JVM's first";
    private static final String WARM = "server: from nothing to the first read, in parts";

    /** What is over when that class is loaded. */
    private enum Part {
        VM("java.lang.Object", "setsid, unshare, java, its libraries, its archive"),
        JDK("io.ublkdisk.cli.ServeMain", "the JDK's own start"),
        MAIN("io.ublkdisk.server.session.Server", "old mounts of disks forgotten"),
        SWEEP("io.ublkdisk.server.Disks", "the kernel looked at, dead servers' things swept"),
        DISKS("sun.nio.ch.UnixDomainSockets", "tables of disks; the JDK's library of sockets"),
        SOCKET("sun.nio.ch.ServerSocketChannelImpl", "a Unix socket, with a SecureRandom of the JDK"),
        LISTEN("io.ublkdisk.server.Features", "listening, ready said"),
        JNA("io.ublkdisk.ring.IoUring", "JNA, its library, system calls bound");

        final String firstClass;
        final String what;

        Part(String firstClass, String what) {
            this.firstClass = firstClass;
            this.what = what;
        }
    }

    private record Mark(String what, long nanos) {}

    private FirstDisk() {}

    /** In a JVM of its own. */
    static void measure(Steps steps) throws Exception {
        Path log = Files.createTempFile("ublkdisk-classes", ".log");
        Files.delete(log);
        ProcessBuilder java = new ProcessBuilder(
                        "java", "-cp", System.getProperty("java.class.path"), FirstDisk.class.getName(), log.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        java.environment()
                .merge("UBLKDISK_JAVA_OPTIONS", "-Xlog:class+load:file=" + log + ":timenanos", (a, b) -> a + " " + b);
        Process process = java.start();
        for (String line : process.inputReader().lines().toList()) {
            int space = line.indexOf(' ');
            steps.note(line.substring(space + 1), Long.parseLong(line.substring(0, space)));
        }
        if (process.waitFor() != 0) {
            throw new BenchException("the server of which the parts are measured ended with " + process.exitValue());
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path log = Path.of(arguments[0]);
        long cold = System.nanoTime();
        try (ServerProcess server = ServerProcess.start()) {
            StartUp.read(disk(server).device());
            System.out.println(System.nanoTime() - cold + " " + COLD);
        }
        Files.delete(log);
        long begin = System.nanoTime();
        try (ServerProcess server = ServerProcess.start()) {
            Mark answers = new Mark("its socket known and opened by the client", System.nanoTime());
            RemoteDisk disk = disk(server);
            Mark made = new Mark("the disk: a drive, ADD_DEV to START_DEV", System.nanoTime());
            StartUp.read(disk.device());
            Mark read = new Mark("the first read", System.nanoTime());
            System.out.println(read.nanos - begin + " " + WARM);
            long last = begin;
            for (Mark mark : Stream.concat(Stream.of(answers, made, read), inside(Files.readAllLines(log)))
                    .sorted(Comparator.comparingLong(Mark::nanos))
                    .toList()) {
                System.out.println(mark.nanos - last + "   " + mark.what);
                last = mark.nanos;
            }
        }
    }

    private static RemoteDisk disk(ServerProcess server) throws Exception {
        return server.connection().create(DiskSpec.builder().size("64MiB").build());
    }

    private static Stream<Mark> inside(List<String> classes) {
        return Stream.of(Part.values()).map(part -> first(classes, part)).flatMap(Optional::stream);
    }

    /** A line is {@code [123ns] a.Class source: …}. */
    private static Optional<Mark> first(List<String> classes, Part part) {
        return classes.stream()
                .filter(line -> line.contains("] " + part.firstClass + " "))
                .findFirst()
                .map(line -> new Mark(part.what, Long.parseLong(line.substring(1, line.indexOf("ns]")))));
    }
}
