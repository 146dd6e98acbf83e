package io.ublkdisk.protocol;

import java.util.Optional;

/**
 * One line of the protocol, read word by word. Writing is {@link #join}; what is joined reads back the same, whatever
 * characters it has.
 */
public final class ProtocolLine {
    private final String line;
    private int at;

    /** Begins to read at the first word of that line. */
    public ProtocolLine(String line) {
        this.line = line;
    }

    /** Returns the words on one line, escaped, a space between them. */
    public static String join(String... words) {
        StringBuilder out = new StringBuilder();
        for (String word : words) {
            if (out.length() > 0) {
                out.append(' ');
            }
            escape(word, true, out);
        }
        return out.toString();
    }

    /** Returns a text for the end of a line: as {@link #join} does, but its spaces stay, for readers of the log. */
    public static String text(String text) {
        StringBuilder out = new StringBuilder();
        escape(text, false, out);
        return out.toString();
    }

    /** Returns whether {@link #next} has one more. */
    public boolean hasNext() {
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        return at < line.length();
    }

    /**
     * Returns the next word.
     *
     * @param what the word's role, for the error
     * @throws ProtocolException if the line is at its end
     */
    public String next(String what) throws ProtocolException {
        if (!hasNext()) {
            throw new ProtocolException("the line ends where " + what + " is expected");
        }
        int end = line.indexOf(' ', at);
        String word = line.substring(at, end < 0 ? line.length() : end);
        at += word.length();
        return unescape(word);
    }

    /**
     * Returns the next word; empty if the line is at its end.
     *
     * @param what the word's role, for the error
     */
    Optional<String> optional(String what) throws ProtocolException {
        return hasNext() ? Optional.of(next(what)) : Optional.empty();
    }

    /** Returns all that is left, but for the one space that ends the word before; may be empty. */
    public String rest() throws ProtocolException {
        String rest = line.substring(at < line.length() && line.charAt(at) == ' ' ? at + 1 : at);
        at = line.length();
        return unescape(rest);
    }

    /**
     * Returns whether the line goes on with that word.
     *
     * @throws ProtocolException if it goes on with another one
     */
    boolean has(String word) throws ProtocolException {
        if (!hasNext()) {
            return false;
        }
        String found = next("a word");
        if (!found.equals(word)) {
            throw new ProtocolException("'" + found + "' is not expected here; write '" + word + "', or nothing");
        }
        return true;
    }

    /**
     * Returns the next word as a number.
     *
     * @param what the word's role, for the error
     */
    int integer(String what) throws ProtocolException {
        String word = next(what);
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new ProtocolException("'" + word + "' is not a number; " + what + " is expected");
        }
    }

    /** @throws ProtocolException if there are words left */
    public void end() throws ProtocolException {
        if (hasNext()) {
            throw new ProtocolException("nothing more is expected, found '" + next("a word") + "'");
        }
    }

    private static void escape(String word, boolean spaces, StringBuilder out) {
        if (word.isEmpty() && spaces) {
            out.append("\\e");
        }
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c == '\\') {
                out.append("\\\\");
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c == ' ' && spaces) {
                out.append("\\s");
            } else if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
    }

    private static String unescape(String raw) throws ProtocolException {
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder out = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char kind = ++i < raw.length() ? raw.charAt(i) : ' ';
            switch (kind) {
                case '\\' -> out.append('\\');
                case 'n' -> out.append('\n');
                case 's' -> out.append(' ');
                case 'e' -> {}
                case 'u' -> {
                    out.append(unit(raw, i + 1));
                    i += 4;
                }
                default ->
                    throw new ProtocolException("unknown escape '\\" + kind + "' at character " + i
                            + "; known are \\\\ \\n \\s \\e \\uXXXX");
            }
        }
        return out.toString();
    }

    private static char unit(String raw, int from) throws ProtocolException {
        String digits = raw.substring(from, Math.min(from + 4, raw.length()));
        if (!digits.matches("[0-9a-fA-F]{4}")) {
            throw new ProtocolException("'\\u" + digits + "' at character " + from + ": four hex digits are expected");
        }
        return (char) Integer.parseInt(digits, 16);
    }
}
