package io.ublkdisk.junit.engine.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileUsersTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needsProc() {
        assumeThat(Path.of("/proc/self/fd")).as("needs Linux's /proc").exists();
    }

    @Test
    void findsNothingWhereNothingIsOpen() throws IOException {
        Files.writeString(folder.resolve("closed"), "x");
        assertThat(FileUsers.under(folder)).isEmpty();
    }

    @Test
    void findsADescriptorOfThisJvm() throws IOException {
        Path file = folder.resolve("open");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(channel.isOpen()).isTrue();
            assertThat(FileUsers.ofThisProcessUnder(folder))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .contains(
                                    "process " + ProcessHandle.current().pid(),
                                    "this test's JVM",
                                    "descriptor",
                                    file.toString()));
        }
        assertThat(FileUsers.ofThisProcessUnder(folder)).isEmpty();
    }

    @Test
    void doesNotTakeASiblingFolderForItsOwn() throws IOException {
        Path sibling = Files.createDirectory(Path.of(folder + "-sibling"));
        Path file = sibling.resolve("open");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(channel.isOpen()).isTrue();
            assertThat(FileUsers.under(folder)).isEmpty();
        } finally {
            Files.delete(file);
            Files.delete(sibling);
        }
    }

    @Test
    void findsAMappingWhoseDescriptorIsClosed() throws IOException {
        Path file = folder.resolve("mapped");
        Files.write(file, new byte[4096]);
        Object mapping;
        try (FileChannel channel = FileChannel.open(file)) {
            mapping = channel.map(MapMode.READ_ONLY, 0, 4096);
        }
        assertThat(FileUsers.ofThisProcessUnder(folder))
                .anySatisfy(line -> assertThat(line).contains("mapping of " + file));
        assertThat(mapping).isNotNull();
    }

    @Test
    void findsTheCurrentFolderOfAnotherProcess() throws Exception {
        Process sleeper =
                new ProcessBuilder("sleep", "60").directory(folder.toFile()).start();
        try {
            assertThat(FileUsers.under(folder))
                    .anySatisfy(
                            line -> assertThat(line).contains("process " + sleeper.pid(), "current folder " + folder));
        } finally {
            sleeper.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }
}
