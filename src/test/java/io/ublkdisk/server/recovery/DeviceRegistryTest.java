package io.ublkdisk.server.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceRegistryTest {
    @TempDir
    Path folder;

    @Test
    void aNumberThatIsTheNextDevicesAlreadyStaysNoted() throws IOException {
        DeviceRegistry registry = new DeviceRegistry(new StateFolder(folder));
        Path note = folder.resolve("server-" + ProcessHandle.current().pid() + ".disk-7");
        registry.add(7, "");
        registry.add(7, "");
        registry.remove(7);
        assertThat(note).exists();
        registry.remove(7);
        assertThat(note).doesNotExist();
        registry.remove(7);
    }

    @Test
    void whatIsHandedBackIsAnybodysToInherit() throws IOException {
        DeviceRegistry registry = new DeviceRegistry(new StateFolder(folder));
        DiskSpec spec = DiskSpec.builder()
                .name("heir")
                .size("16MiB")
                .recovery(Recovery.REISSUE)
                .build();
        registry.add(3, new RecoveryRecord(spec, 1, Optional.empty(), 1, false).text());
        assertThatThrownBy(() -> RecoverableDisk.find(registry, "hair"))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("heir");
        assertThatThrownBy(() -> RecoverableDisk.find(registry, "heir"))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(
                        "has a server, process " + ProcessHandle.current().pid());
        registry.handBack(3);
        RecoverableDisk found = RecoverableDisk.find(registry, "heir");
        assertThat(found.device().isServed()).isFalse();
        assertThat(found.device().id()).isEqualTo(3);
        registry.takeOver(found.device());
        assertThat(registry.all())
                .singleElement()
                .satisfies(note -> assertThat(note.serverPid())
                        .isEqualTo(ProcessHandle.current().pid()));
        registry.forgetRecovery(3);
        assertThatThrownBy(() -> RecoverableDisk.find(registry, "heir"))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("none was made with --recovery");
        registry.remove(3);
        assertThat(registry.all()).isEmpty();
    }

    @Test
    void theDeadAreNotAlive() {
        assertThat(DeviceRegistry.isAlive(ProcessHandle.current().pid())).isTrue();
        assertThat(DeviceRegistry.isAlive(1L << 30)).isFalse();
        assertThat(DeviceRegistry.isAlive(1)).as("not a JVM").isFalse();
    }
}
