package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotesTest {
    @TempDir
    Path folder;

    @Test
    void aNumberThatIsTheNextDevicesAlreadyStaysNoted() throws IOException {
        Notes notes = new Notes(new StateFolder(folder));
        Path note = folder.resolve("server-" + ProcessHandle.current().pid() + ".disk-7");
        notes.add(7, "");
        notes.add(7, "");
        notes.remove(7);
        assertThat(note).exists();
        notes.remove(7);
        assertThat(note).doesNotExist();
        notes.remove(7);
    }
}
