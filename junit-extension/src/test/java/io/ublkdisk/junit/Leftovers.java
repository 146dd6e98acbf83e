package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.junit.engine.files.FileUsers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What disks leave behind when something goes wrong. */
public final class Leftovers {
    private Leftovers() {}

    /** No device, no mount, no descriptor of this process on one. */
    public static void assertNone() throws IOException {
        assertThat(devices()).as("ublk devices left").isEmpty();
        assertThat(mounts()).as("mounts left").isEmpty();
        assertThat(FileUsers.ofThisProcessUnder(Path.of("/dev")))
                .as("descriptors left")
                .noneMatch(line -> line.contains("/dev/ublk"));
    }

    /** The same, where the driver deletes in its own time. */
    static void awaitNone() throws IOException, InterruptedException {
        for (int i = 0; i < 100 && !devices().isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertNone();
    }

    static List<String> devices() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/dev"))) {
            return all.map(Path::toString)
                    .filter(name -> name.startsWith("/dev/ublkb") || name.startsWith("/dev/ublkc"))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }

    static List<String> mounts() throws IOException {
        try (Stream<String> all = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return all.filter(line -> line.contains("/dev/ublkb")).collect(Collectors.toList());
        }
    }
}
