package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphanNotesTest {
    @TempDir
    Path folder;

    @Test
    void aNumberThatIsTheNextDevicesAlreadyStaysNoted() throws IOException {
        StateFolder state = new StateFolder(folder);
        Path note = folder.resolve("server-" + ProcessHandle.current().pid() + ".disk-7");
        Orphans.note(state, 7);
        Orphans.note(state, 7);
        Orphans.forget(state, 7);
        assertThat(note).exists();
        Orphans.forget(state, 7);
        assertThat(note).doesNotExist();
        Orphans.forget(state, 7);
    }
}
