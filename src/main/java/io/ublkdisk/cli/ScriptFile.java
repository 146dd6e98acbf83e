package io.ublkdisk.cli;

import io.ublkdisk.control.IoErrorText;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A fault script in a file. */
final class ScriptFile {
    private ScriptFile() {}

    /**
     * Reads it; messages name the file.
     *
     * @throws IOException if the file cannot be read, or is no text
     * @throws io.ublkdisk.script.ParseException if it is no script
     */
    static Script read(Path path) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(bytesOf(path));
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        CoderResult end = decoder.decode(bytes, text, true);
        if (end.isError()) {
            throw new IOException(path + " is not UTF-8: byte " + (bytes.position() + 1)
                    + " belongs to no character; save it as UTF-8");
        }
        return Script.parse(text.flip().toString(), path.toString());
    }

    private static byte[] bytesOf(Path path) throws IOException {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new IOException(IoErrorText.at(path, e), e);
        }
    }
}
