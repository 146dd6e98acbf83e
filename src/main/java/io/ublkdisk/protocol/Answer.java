package io.ublkdisk.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * An answer as lines: what a {@link Reply} is on the wire.
 *
 * @param data the lines of data, without the dot before them
 * @param ok the words of the last line after {@code ok}; empty for none
 */
public record Answer(List<String> data, String ok) {
    /** Makes one without lines of data. */
    static Answer ok(String words) {
        return new Answer(List.of(), words);
    }

    /** Makes one whose last line has no words. */
    static Answer data(List<String> data) {
        return new Answer(data, "");
    }

    /** Reads a line, or a part of it. */
    @FunctionalInterface
    interface Parser<T> {
        T parse(ProtocolLine line) throws ProtocolException;
    }

    /** Returns each line of data, as that reads it. */
    <T> List<T> each(Parser<T> parser) throws ProtocolException {
        List<T> all = new ArrayList<>(data.size());
        for (String line : data) {
            all.add(parser.parse(new ProtocolLine(line)));
        }
        return all;
    }

    /** Returns the words after {@code ok}, to be read. */
    ProtocolLine words() {
        return new ProtocolLine(ok);
    }

    /** Returns the fields after {@code ok}. */
    KeyValues fields() throws ProtocolException {
        return KeyValues.parse(words());
    }
}
