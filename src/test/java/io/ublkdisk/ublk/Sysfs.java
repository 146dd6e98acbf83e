package io.ublkdisk.ublk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the kernel shows of a device, and of us. */
final class Sysfs {
    private Sysfs() {}

    static String queue(UblkDevice device, String attribute) throws IOException {
        return text(device, "queue/" + attribute);
    }

    static String text(UblkDevice device, String attribute) throws IOException {
        return Files.readString(folder(device).resolve(attribute)).strip();
    }

    /** The processors of each hardware queue, as {@code 0, 2}. */
    static List<String> hardwareQueues(UblkDevice device) throws IOException {
        List<String> queues = new ArrayList<>();
        for (int i = 0; Files.exists(folder(device).resolve("mq/" + i)); i++) {
            queues.add(text(device, "mq/" + i + "/cpu_list"));
        }
        return queues;
    }

    /** Requests that the driver has sent and not got back. */
    static int inFlight(int id) throws IOException {
        String[] readsAndWrites = Files.readString(Path.of("/sys/block/ublkb" + id + "/inflight"))
                .strip()
                .split("\\s+");
        return Integer.parseInt(readsAndWrites[0]) + Integer.parseInt(readsAndWrites[1]);
    }

    static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    static long mappings(String of) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains(of))
                .count();
    }

    static List<Thread> queueThreads(UblkDevice device) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("ublk-" + device.id() + "-queue-"))
                .toList();
    }

    private static Path folder(UblkDevice device) {
        return Path.of("/sys/block/ublkb" + device.id());
    }
}
