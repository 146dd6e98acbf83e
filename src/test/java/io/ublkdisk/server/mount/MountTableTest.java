package io.ublkdisk.server.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountTableTest {
    @TempDir
    Path folder;

    @Test
    void aProcessThatIsGoneSeesNothing() {
        assertThat(MountTable.all(Integer.MAX_VALUE)).isEmpty();
        assertThat(MountTable.everywhere(Path.of("/dev/ublkb987654"))).isEmpty();
    }

    @Test
    void findsWhatIsMountedOnAMountAndOnItsFolders() {
        List<String> table = List.of(
                "21 1 8:1 / / rw - ext4 /dev/sda1 rw",
                "40 21 259:3 / /mnt/d rw,relatime shared:7 - ext4 /dev/ublkb0 rw",
                "41 40 0:50 / /mnt/d/sub\\040folder rw - tmpfs none rw",
                "42 40 0:51 / /mnt/d rw - tmpfs mine rw",
                "43 21 0:52 / /mnt/dd rw - tmpfs none rw");
        assertThat(MountTable.over(table, Path.of("/mnt/d")))
                .containsExactly(
                        new MountTable.Above("tmpfs (mine)", Path.of("/mnt/d")),
                        new MountTable.Above("tmpfs", Path.of("/mnt/d/sub folder")));
        assertThat(MountTable.over(table, Path.of("/mnt/dd"))).isEmpty();
    }

    @Test
    void findsWhoHoldsADeviceThatIsGone() throws Exception {
        Path file = Files.createFile(folder.resolve("device"));
        try (var held = Files.newInputStream(file)) {
            assertThat(held.read()).isNegative();
            assertThat(MountUsers.ofDevice(file)).hasSize(1);
            Files.delete(file);
            assertThat(MountUsers.ofDevice(file)).singleElement().asString().contains("(deleted)");
            assertThat(MountUsers.ofDevice(folder.resolve("dev"))).isEmpty();
        }
        try (var held = Files.newInputStream(Files.createFile(folder.resolve("devicep12")))) {
            assertThat(held.read()).isNegative();
            assertThat(MountUsers.ofDevice(file)).as("a partition").hasSize(1);
        }
    }

    @Test
    void saysSomethingOfAMountThatNobodySeemsToUse() {
        assertThat(MountUsers.ofMount(ProcessHandle.current().pid(), folder))
                .singleElement()
                .asString()
                .contains("no process", "mountinfo");
    }

    @Test
    void findsWhoHoldsAFileOpen() throws Exception {
        Path file = Files.createFile(folder.resolve("held open"));
        assertThat(MountUsers.under(folder)).isEmpty();
        try (var held = Files.newInputStream(file)) {
            assertThat(held.read()).isNegative();
            assertThat(MountUsers.under(folder))
                    .singleElement()
                    .asString()
                    .startsWith("process " + ProcessHandle.current().pid() + " (java)")
                    .endsWith("open " + file);
        }
    }
}
