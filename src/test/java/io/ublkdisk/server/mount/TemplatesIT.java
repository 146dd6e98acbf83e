package io.ublkdisk.server.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.server.Left;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A folder of templates, and servers one after the other: the first formats a disk, the others find it formatted. */
@Timeout(300)
class TemplatesIT {
    @TempDir
    Path folder;

    private Path templates;
    private Path runs;

    /** A test JVM of its own, with a server of its own: has two disks, and a file on each. */
    static final class Client {
        public static void main(String[] arguments) throws IOException {
            DiskSpec spec =
                    DiskSpec.builder().size("16MiB").fileSystem(FileSystem.EXT4).build();
            for (int i = 0; i < 2; i++) {
                RemoteDisk disk = ServerProcess.shared().connection().create(spec);
                Path file = disk.mountPoint().orElseThrow().resolve("file");
                if (Files.exists(file)) {
                    throw new IOException("another disk's file is there");
                }
                Files.writeString(file, "bytes");
                disk.unmount();
                disk.check().ifPresent(wrong -> {
                    throw new IllegalStateException(wrong);
                });
                disk.delete();
            }
        }
    }

    /** In the place of mkfs.ext4 one that says that it was there. */
    @BeforeEach
    void watchMkfs() throws Exception {
        templates = folder.resolve("templates");
        runs = Files.createFile(folder.resolve("runs"));
        Path mkfs = folder.resolve(FileSystem.EXT4.makeProgram());
        Files.writeString(
                mkfs,
                "#!/bin/sh\necho run >>" + runs + "\nexec "
                        + MakeFileSystem.program(FileSystem.EXT4).orElseThrow() + " \"$@\"\n");
        assertThat(mkfs.toFile().setExecutable(true)).isTrue();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(Left.after(Duration.ofSeconds(5))).isEmpty();
    }

    /** @return how often mkfs ran for it */
    private int client() throws Exception {
        Files.writeString(runs, "");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Client.class.getName())
                .inheritIO();
        builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
        builder.environment().put(Templates.FOLDER_VARIABLE, templates.toString());
        Process client = builder.start();
        assertThat(client.waitFor(90, TimeUnit.SECONDS)).isTrue();
        assertThat(client.exitValue()).isZero();
        return Files.readAllLines(runs).size();
    }

    private List<Path> kept() throws IOException {
        try (Stream<Path> files = Files.list(templates)) {
            return files.toList();
        }
    }

    @Test
    void areFoundByTheNextServerAndMadeAnewWhenDamaged() throws Exception {
        assertThat(client()).isOne();
        assertThat(kept()).hasSize(1);
        Path file = kept().get(0);
        byte[] whole = Files.readAllBytes(file);
        assertThat(client()).as("of the second server").isZero();

        byte[] damaged = whole.clone();
        damaged[whole.length / 2] ^= 1;
        Files.write(file, damaged);
        assertThat(client()).as("after a bit has flipped in the file").isOne();
        assertThat(client()).as("after it was made anew").isZero();
        assertThat(kept()).containsExactly(file);
    }
}
