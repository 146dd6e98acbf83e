package io.ublkdisk.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SameFileTest {
    @TempDir
    Path folder;

    @Test
    void knowsAFileByAllOfItsNames() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        Path other = Files.writeString(folder.resolve("other"), "x");
        Path hard = Files.createLink(folder.resolve("hard"), file);
        Path soft = Files.createSymbolicLink(folder.resolve("soft"), Path.of("file"));
        Path around = Files.createSymbolicLink(folder.resolve("around"), folder);
        assertThat(SameFile.is(file, file)).isTrue();
        assertThat(SameFile.is(file, hard)).isTrue();
        assertThat(SameFile.is(soft, hard)).isTrue();
        assertThat(SameFile.is(around.resolve("soft"), file)).isTrue();
        assertThat(SameFile.is(file, other)).isFalse();
        assertThat(SameFile.is(file, folder.resolve("none"))).isFalse();
    }

    @Test
    void knowsFilesThatAreNotThereYet() throws IOException {
        Path around = Files.createSymbolicLink(folder.resolve("around"), folder);
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("none"));
        Path loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        Path none = folder.resolve("none");
        assertThat(SameFile.is(none, around.resolve("none"))).isTrue();
        assertThat(SameFile.is(none, folder.resolve("x").resolve("..").resolve("none")))
                .as("its folder is not there")
                .isTrue();
        assertThat(SameFile.is(dangling, none)).isTrue();
        assertThat(SameFile.is(none, folder.resolve("nine"))).isFalse();
        assertThat(SameFile.is(loop, none)).isFalse();
    }

    @Test
    void whatKeepsNoBytesIsNeverUsedTwice() throws IOException {
        assertThat(SameFile.is(Path.of("/dev/null"), Path.of("/dev/null"))).isFalse();
        SameFile.begin(Path.of("/dev/null")).close();
    }

    @Test
    void beginsNoFileThatSomebodyHas() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "precious");
        try (FileChannel holder = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = holder.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThatIOException()
                    .isThrownBy(() -> new LogWriter(file))
                    .withMessageContaining(file + " is in use by a disk server")
                    .withMessageContaining("name another file");
            assertThatIOException()
                    .isThrownBy(() -> new FileTarget(file, 0))
                    .withMessageContaining(file + " is in use by a disk server");
            assertThat(file).hasContent("precious");
        }
        new LogWriter(file).close();
        assertThat(Files.size(file)).isEqualTo(512);
    }
}
