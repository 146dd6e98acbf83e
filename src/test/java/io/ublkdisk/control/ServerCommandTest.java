package io.ublkdisk.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerCommandTest {
    @TempDir
    private Path folder;

    @Test
    void takesTheArchiveOfClassesBesideItsFirstJar() throws IOException {
        Path jar = folder.resolve("ublkdisk-1.jar");
        Path archive = Files.createFile(folder.resolve("ublkdisk-1.jsa"));
        assertThat(ServerCommand.sharedClasses(jar + ":/nowhere/jna.jar")).contains("-XX:SharedArchiveFile=" + archive);
    }

    @Test
    void takesTheArchiveBesideTheFileThatRunsByItself() throws IOException {
        Path archive = Files.createFile(folder.resolve("ublkdisk.jsa"));
        assertThat(ServerCommand.sharedClasses(folder.resolve("ublkdisk").toString()))
                .contains("-XX:SharedArchiveFile=" + archive);
    }

    @Test
    void doesWithoutWhereThereIsNone() {
        assertThat(ServerCommand.sharedClasses(folder.resolve("ublkdisk-1.jar").toString()))
                .isEmpty();
        assertThat(ServerCommand.sharedClasses(folder.resolve("classes/").toString()))
                .isEmpty();
    }
}
