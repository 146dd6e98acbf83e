package io.ublkdisk.cli;

import java.util.ArrayList;
import java.util.List;

/** Reads lines for a shell as far as documentation uses them: quotes, comments, pipes, lists, {@code $(…)}. */
final class ShellText {
    private final String text;
    private final List<List<String>> commands = new ArrayList<>();
    private List<String> words = new ArrayList<>();
    private StringBuilder word;
    private int at;

    private ShellText(String text) {
        this.text = text.replace("\\\n", " ") + "\n";
    }

    /** Returns the commands in these lines, each as its words; settings of variables before a command are left out. */
    static List<List<String>> commands(String text) {
        ShellText reader = new ShellText(text);
        reader.read('\0');
        return reader.commands;
    }

    private void read(char end) {
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == end) {
                break;
            } else if (c == '#' && word == null) {
                at = text.indexOf('\n', at);
            } else if (c == '\'') {
                int close = text.indexOf('\'', at);
                append(text.substring(at, close));
                at = close + 1;
            } else if (c == '"') {
                quoted();
            } else if (c == '$' && text.charAt(at) == '(') {
                substituted();
            } else if (c == '\n' || c == ';' || c == '|' || c == '&') {
                endCommand();
            } else if (Character.isWhitespace(c)) {
                endWord();
            } else {
                append(String.valueOf(c));
            }
        }
        endCommand();
    }

    private void quoted() {
        append("");
        for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
            if (c == '$' && text.charAt(at) == '(') {
                substituted();
            } else {
                append(String.valueOf(c == '\\' ? text.charAt(at++) : c));
            }
        }
    }

    /** Reads the commands in {@code $(…)}, whose output is part of the present word. */
    private void substituted() {
        at++;
        List<String> outer = words;
        StringBuilder begun = word;
        words = new ArrayList<>();
        word = null;
        read(')');
        words = outer;
        word = begun;
        append("OUTPUT");
    }

    private void append(String part) {
        if (word == null) {
            word = new StringBuilder();
        }
        word.append(part);
    }

    private void endWord() {
        if (word != null) {
            words.add(word.toString());
            word = null;
        }
    }

    private void endCommand() {
        endWord();
        int redirected = 0;
        while (redirected < words.size() && !words.get(redirected).matches("[0-9&]?[<>].*")) {
            redirected++;
        }
        words = new ArrayList<>(words.subList(0, redirected));
        while (!words.isEmpty() && words.get(0).matches("\\w+=.*|sudo|nice|exec|!|then|do|else|if|while")) {
            words.remove(0);
        }
        if (!words.isEmpty()) {
            commands.add(words);
        }
        words = new ArrayList<>();
    }
}
