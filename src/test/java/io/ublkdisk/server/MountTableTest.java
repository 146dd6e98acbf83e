package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountTableTest {
    @Test
    void aProcessThatIsGoneSeesNothing() {
        assertThat(MountTable.all(Integer.MAX_VALUE)).isEmpty();
        assertThat(MountTable.everywhere(Path.of("/dev/ublkb987654"))).isEmpty();
    }

    @Test
    void findsWhoHoldsAFileOpen(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("held open"));
        assertThat(Holders.under(folder)).isEmpty();
        try (var held = Files.newInputStream(file)) {
            assertThat(held.read()).isNegative();
            assertThat(Holders.under(folder))
                    .singleElement()
                    .asString()
                    .startsWith("process " + ProcessHandle.current().pid() + " (java)")
                    .endsWith("open " + file);
        }
    }
}
