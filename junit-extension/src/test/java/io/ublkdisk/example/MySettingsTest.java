package io.ublkdisk.example;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.*;
import static org.junit.jupiter.api.Assertions.*;

import io.ublkdisk.junit.*;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.*;

class MySettingsTest {
    static void run(CrashRun run) throws IOException {
        save(run, 0);
        run.beginHere(); // a crash before this point is of no interest
        for (int version = 1; version <= 2; version++) {
            save(run, version);
            run.mark("saved " + version); // from here on it is promised
        }
    }

    private static void save(CrashRun run, int version) throws IOException {
        Path fresh = run.path("settings.new");
        try (FileChannel file = run.open(fresh, CREATE_NEW, WRITE)) {
            file.write(UTF_8.encode("" + version));
            file.force(true);
        }
        run.move(fresh, run.path("settings"));
        try (FileChannel folder = run.open(run.disk().mountPoint(), READ)) {
            folder.force(true); // without this line the rename may be lost
        }
    }

    @CrashTest(run = "run", size = "32MiB", mount = EXT4)
    void isNeverOlderThanPromised(CrashedDisk disk) throws IOException {
        int version = Integer.parseInt(Files.readString(disk.path("settings")));
        assertTrue(version >= disk.marks().size(), "found version " + version);
    }
}
