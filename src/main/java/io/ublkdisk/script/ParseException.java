package io.ublkdisk.script;

import io.ublkdisk.block.Nearest;
import java.util.List;
import java.util.Optional;

/**
 * A text that is not of the fault language, or says something impossible: where, what was found, what could stand there. The
 * message has all of it, over several lines with the place marked; {@link #summary} is its first line.
 */
public final class ParseException extends IllegalArgumentException {
    private static final int WINDOW = 100;

    private final String source;
    private final int line;
    private final int column;
    private final String found;
    private final transient List<String> expected;
    private final String nearest;
    private final String summary;
    private final String caret;

    ParseException(Line at, Token token, String problem, List<String> expected) {
        this(at, token, problem, expected, List.of());
    }

    /** @param meant words that may be meant, where it is a matter of sense; else the one that looks most like what was found */
    ParseException(Line at, Token token, String problem, List<String> expected, List<String> meant) {
        super(summary(at, token, problem) + "\n" + mark(at.text(), token)
                + hint(meant.isEmpty() ? looksLike(token, expected) : meant));
        this.source = at.source();
        this.line = at.number();
        this.column = token.start() + 1;
        this.found = token.isEnd() ? "" : token.text();
        this.expected = List.copyOf(expected);
        List<String> near = meant.isEmpty() ? looksLike(token, expected) : meant;
        this.nearest = near.isEmpty() ? null : near.get(0);
        this.summary = summary(at, token, problem);
        this.caret = mark(at.text(), token);
    }

    /** Returns the file, or whatever else the text came from. */
    public String source() {
        return source;
    }

    /** Returns the line, from 1. */
    public int line() {
        return line;
    }

    /** Returns the column, from 1, in characters; a tab is one. */
    public int column() {
        return column;
    }

    /** Returns what stands there; empty at the end of the line. */
    public String found() {
        return found;
    }

    /** Returns what could stand there, where that is a matter of words; else empty and the message says it. */
    public List<String> expected() {
        return expected == null ? List.of() : expected;
    }

    /** Returns the expected word that looks most like the one found. */
    public Optional<String> nearest() {
        return Optional.ofNullable(nearest);
    }

    /** Returns where and what, in one line. */
    public String summary() {
        return summary;
    }

    /** Returns the line of the text, and under it the mark, each indented by two spaces. */
    public String caret() {
        return caret;
    }

    private static String summary(Line at, Token token, String problem) {
        return at.source() + ", line " + at.number() + ", column " + (token.start() + 1) + ": " + problem;
    }

    private static List<String> looksLike(Token token, List<String> expected) {
        return Nearest.to(token.isEnd() ? "" : token.text(), expected).stream().toList();
    }

    private static String hint(List<String> near) {
        return near.isEmpty() ? "" : "\n  Did you mean \"" + String.join("\", or \"", near) + "\"?";
    }

    private static String mark(String text, Token token) {
        int from = text.length() <= WINDOW ? 0 : Math.max(0, token.start() - WINDOW / 2);
        int to = Math.min(text.length(), from + WINDOW);
        StringBuilder shown = new StringBuilder("  ");
        StringBuilder marks = new StringBuilder("  ");
        if (from > 0) {
            shown.append("...");
            marks.append("   ");
        }
        for (int i = from; i <= to; i++) {
            char c = i < to ? text.charAt(i) : ' ';
            shown.append(i == to ? "" : c == '\t' || Line.isPrintable(c) ? String.valueOf(c) : "?");
            if (i < token.start()) {
                marks.append(c == '\t' ? '\t' : ' ');
            } else if (i == token.start() || i < token.end()) {
                marks.append('^');
            }
        }
        return shown + (to < text.length() ? "..." : "") + "\n"
                + marks.toString().stripTrailing();
    }
}
