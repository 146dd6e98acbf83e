package io.ublkdisk.control;

import java.util.ArrayList;
import java.util.List;

/** What a server answers: lines of data, and the words after {@code ok}. */
record Reply(List<String> data, ProtocolLine ok) {

    /** @throws DiskException if the last line says error */
    static Reply of(List<String> data, String last) throws DiskException {
        ProtocolLine words = new ProtocolLine(last);
        try {
            String verdict = words.next("ok or error");
            if (verdict.equals("ok")) {
                return new Reply(List.copyOf(data), words);
            }
            String text = words.rest();
            throw new DiskException(verdict.equals("error") ? text : "the server's answer is not understood: " + last);
        } catch (ProtocolException e) {
            throw new DiskException("the server's answer is not understood: " + last, e);
        }
    }

    /** Returns the data lines, each read by that. */
    <T> List<T> each(Parser<T> parser) throws DiskException {
        List<T> all = new ArrayList<>();
        for (String line : data) {
            all.add(parse(new ProtocolLine(line), parser));
        }
        return all;
    }

    /** Returns the words after {@code ok}, read by that. */
    <T> T ok(Parser<T> parser) throws DiskException {
        return parse(ok, parser);
    }

    private static <T> T parse(ProtocolLine words, Parser<T> parser) throws DiskException {
        try {
            return parser.parse(words);
        } catch (ProtocolException | IllegalArgumentException e) {
            throw new DiskException("the server's answer is not understood: " + e.getMessage(), e);
        }
    }

    interface Parser<T> {
        T parse(ProtocolLine words) throws ProtocolException;
    }
}
