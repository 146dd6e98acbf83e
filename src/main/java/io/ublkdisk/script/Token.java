package io.ublkdisk.script;

/**
 * A word, a quoted string, a comma, a colon, or the end of a line.
 *
 * @param text of a string what it means, of everything else what stands there
 * @param start index of its first character in the line
 * @param end index after its last
 */
record Token(Type type, String text, int start, int end) {
    enum Type {
        WORD,
        STRING,
        COMMA,
        COLON,
        END
    }

    boolean isEnd() {
        return type == Type.END;
    }

    boolean is(String word) {
        return type == Type.WORD && text.equals(word);
    }

    /** Returns the token for messages: quoted, and cut off when long. */
    String shown() {
        return switch (type) {
            case END -> "the end of the line";
            case STRING -> "a text in quotes";
            default -> "\"" + Line.visible(text.length() > 40 ? text.substring(0, 40) + "..." : text) + "\"";
        };
    }
}
