package io.ublkdisk.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.control.OtherBuildException;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.protocol.FirstVersionServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command finds the servers of its user, also one that it cannot speak to. */
class ServersTest {
    @TempDir
    Path folder;

    /** Without this, the user is told that no disk is running while the old server runs one. */
    @Test
    @Timeout(20)
    void aServerOfAnotherBuildIsNamedAndNotTakenForDead() throws Exception {
        try (FirstVersionServer old = new FirstVersionServer(folder.resolve("server-4711.sock"));
                Servers servers = new Servers(new StateFolder(folder))) {
            assertThatThrownBy(servers::disks)
                    .isInstanceOf(OtherBuildException.class)
                    .hasMessageContaining("process 4711")
                    .hasMessageContaining("kill 4711");
            assertThatThrownBy(() -> servers.disk("db")).isInstanceOf(OtherBuildException.class);
            assertThat(old.heard())
                    .as("it was asked once, and its connection closed")
                    .hasSize(2);
        }
    }
}
