package io.ublkdisk.script;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One line of a script as tokens, and how far the parser has come in it. What it cannot be, it says with its place. */
final class Line {
    private final String source;
    private final int number;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int position;

    /** @throws ParseException for a character that has no place in a script, or a string without an end */
    Line(String source, int number, String text) {
        this.source = source;
        this.number = number;
        this.text = text;
        checkCharacters();
        int at = 0;
        while (at < text.length() && text.charAt(at) != '#') {
            at = isSpace(text.charAt(at)) ? at + 1 : token(at);
        }
        tokens.add(new Token(
                Token.Type.END,
                "",
                text.stripTrailing().length(),
                text.stripTrailing().length()));
    }

    String source() {
        return source;
    }

    int number() {
        return number;
    }

    String text() {
        return text;
    }

    /** Returns all of them, for looking back. */
    List<Token> tokens() {
        return tokens;
    }

    boolean atEnd() {
        return peek().isEnd();
    }

    Token peek() {
        return tokens.get(position);
    }

    /** Returns the next token; the end comes again and again. */
    Token next() {
        Token token = peek();
        if (!token.isEnd()) {
            position++;
        }
        return token;
    }

    /** Goes on if that word comes next. */
    boolean takes(String word) {
        boolean is = peek().is(word);
        position += is ? 1 : 0;
        return is;
    }

    boolean takes(Token.Type type) {
        boolean is = peek().type() == type;
        position += is ? 1 : 0;
        return is;
    }

    /** Returns the next token, which must be one of these words. */
    Token word(String... words) {
        Token token = next();
        if (Arrays.stream(words).noneMatch(token::is)) {
            throw unexpected(token, Arrays.asList(words));
        }
        return token;
    }

    /** Returns the next token, which must be a word: described as {@code what} if it is not a word. */
    Token any(String what) {
        Token token = next();
        if (token.type() != Token.Type.WORD) {
            throw error(token, "found " + token.shown() + ", expected " + what);
        }
        return token;
    }

    /** Returns the tokens from this token to the last that was taken, as one token. */
    Token since(Token token) {
        int end = position == 0 ? 0 : tokens.get(position - 1).end();
        return end <= token.end()
                ? token
                : new Token(Token.Type.WORD, text.substring(token.start(), end), token.start(), end);
    }

    void end() {
        if (!atEnd()) {
            throw error(peek(), "found " + peek().shown() + ", expected the end of the line");
        }
    }

    ParseException unexpected(Token token, List<String> words) {
        return new ParseException(
                this, token, "found " + token.shown() + ", expected " + String.join(", ", words), words);
    }

    ParseException error(Token token, String problem) {
        return new ParseException(this, token, problem, List.of());
    }

    private int token(int start) {
        char c = text.charAt(start);
        if (c == ',' || c == ':') {
            tokens.add(new Token(c == ',' ? Token.Type.COMMA : Token.Type.COLON, String.valueOf(c), start, start + 1));
            return start + 1;
        }
        if (c == '"') {
            return string(start);
        }
        int end = start;
        while (end < text.length() && !isSpace(text.charAt(end)) && ",:\"#".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        tokens.add(new Token(Token.Type.WORD, text.substring(start, end), start, end));
        return end;
    }

    /**
     * Returns a string's bytes as characters 0 to 255: what is not ASCII becomes UTF-8, and {@code \}{@code xHH} is one byte.
     */
    private int string(int start) {
        StringBuilder meaning = new StringBuilder();
        int at = start + 1;
        while (at < text.length() && text.charAt(at) != '"') {
            int end = text.charAt(at) == '\\' ? escape(at, meaning) : plain(at, meaning);
            at = end;
        }
        if (at >= text.length()) {
            Token token = new Token(Token.Type.STRING, "", start, text.length());
            throw error(token, "the text in quotes has no end; close it with \" on the same line");
        }
        tokens.add(new Token(Token.Type.STRING, meaning.toString(), start, at + 1));
        return at + 1;
    }

    private int plain(int at, StringBuilder into) {
        int end = at + Character.charCount(text.codePointAt(at));
        for (byte b : text.substring(at, end).getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            into.append((char) (b & 0xff));
        }
        return end;
    }

    private int escape(int at, StringBuilder into) {
        char c = at + 1 < text.length() ? text.charAt(at + 1) : 0;
        if (c == '"' || c == '\\') {
            into.append(c);
            return at + 2;
        }
        if (c == 'x'
                && at + 4 <= text.length()
                && text.substring(at + 2, at + 4).matches("[0-9a-fA-F]{2}")) {
            into.append((char) Integer.parseInt(text.substring(at + 2, at + 4), 16));
            return at + 4;
        }
        Token token = new Token(Token.Type.STRING, "", at, Math.min(at + 2, text.length()));
        throw error(token, "in quotes a \\ stands before \" or \\, or begins a byte such as \\x0a");
    }

    private void checkCharacters() {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) {
                Token token = new Token(Token.Type.WORD, String.valueOf(c), i, i + 1);
                throw error(
                        token,
                        "found the control character " + visible(String.valueOf(c)) + (c == 0 ? " (NUL)" : "")
                                + "; a script is plain text");
            }
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    /** Returns whether it can be shown as it is. */
    static boolean isPrintable(char c) {
        int type = Character.getType(c);
        return c == ' '
                || type != Character.CONTROL
                        && type != Character.FORMAT
                        && type != Character.SPACE_SEPARATOR
                        && type != Character.LINE_SEPARATOR
                        && type != Character.PARAGRAPH_SEPARATOR
                        && type != Character.UNASSIGNED;
    }

    /** Returns the text, with what does not show written as its number. */
    static String visible(String text) {
        StringBuilder shown = new StringBuilder();
        for (char c : text.toCharArray()) {
            shown.append(isPrintable(c) ? String.valueOf(c) : String.format(Locale.ROOT, "U+%04X", (int) c));
        }
        return shown.toString();
    }
}
