package io.ublkdisk.server.recovery;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.ProtocolLine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What another server has to know to recover a disk whose server has died; written when the disk is made.
 *
 * @param media the file with the bytes of a disk that has none of its own
 * @param clientPid who has it mounted
 * @param owned whether the disk ends with that client
 */
public record RecoveryRecord(DiskSpec spec, long seed, Optional<Path> media, long clientPid, boolean owned) {
    private static final List<String> KEYS = List.of("seed", "media", "client", "owned");

    /** Returns the inverse of {@link #parse}: two lines. */
    public String text() {
        KeyValues fields = new KeyValues()
                .put("seed", seed)
                .put("media", media.orElse(null))
                .put("client", clientPid)
                .put("owned", owned);
        return fields.line() + "\n" + spec.line() + "\n";
    }

    /** @throws IOException if that cannot have been written by us */
    static RecoveryRecord parse(String text) throws IOException {
        String[] lines = text.split("\n");
        try {
            if (lines.length != 2) {
                throw new ProtocolException("two lines are expected, and it has " + lines.length);
            }
            KeyValues fields = KeyValues.parse(new ProtocolLine(lines[0])).only(KEYS);
            return new RecoveryRecord(
                    DiskSpec.parse(KeyValues.parse(new ProtocolLine(lines[1]))),
                    fields.number("seed", 0),
                    fields.text("media").map(Path::of),
                    fields.number("client", -1),
                    fields.flag("owned", false));
        } catch (ProtocolException | IllegalArgumentException e) {
            throw new IOException("the recovery record of the disk is not valid: " + e.getMessage(), e);
        }
    }

    /** Returns where its bytes are. */
    public Path file() {
        return spec.file().or(() -> media).orElseThrow();
    }

    /** Returns whether a person who writes that means this disk, which has that number. */
    boolean isCalled(String word, int id) {
        return spec.name().map(word::equals).orElse(false)
                || word.equals("ublkb" + id)
                || word.equals(Integer.toString(id))
                || word.equals("/dev/ublkb" + id);
    }

    String name(int id) {
        return spec.name().orElse("ublkb" + id);
    }
}
