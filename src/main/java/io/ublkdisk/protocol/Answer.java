package io.ublkdisk.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

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

    /** Makes one with a line of data for each value, whose last line has no words. */
    static <T> Answer data(List<T> values, Function<T, String> line) {
        return new Answer(lines(values, line), "");
    }

    /** Returns a line of data for each value. */
    static <T> List<String> lines(List<T> values, Function<T, String> line) {
        List<String> data = new ArrayList<>(values.size());
        for (T value : values) {
            data.add(line.apply(value));
        }
        return data;
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
