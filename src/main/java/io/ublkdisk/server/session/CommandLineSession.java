package io.ublkdisk.server.session;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One command line that a shell sends to be run here: {@code command-line VERSION COUNT} and a line feed, then the words, each
 * with a zero byte behind it, so that the shell need not escape anything. The answer is made of lines that a shell can take
 * apart: {@code out TEXT}, {@code err TEXT}, and at the end {@code exit STATUS}. {@code error TEXT} alone means that nothing
 * was done and the caller has to run the command itself.
 */
final class CommandLineSession {
    static final String VERB = "command-line";

    private static final int WORD_LIMIT = 256;
    private static final int WORDS_LIMIT_BYTES = 64 * 1024;

    /** The connection's bytes, in both directions. */
    interface Bytes {
        /** Returns the next byte, or -1 at the end. */
        int next() throws IOException;

        void send(String text) throws IOException;
    }

    private final Bytes bytes;
    private final CommandLineRunner runner;

    CommandLineSession(Bytes bytes, CommandLineRunner runner) {
        this.bytes = bytes;
        this.runner = runner;
    }

    /** Reads the words that follow the line, runs them and sends the answer. */
    void run(String line, String version) throws IOException {
        String[] head = line.split(" ", -1);
        if (head.length != 3 || !head[2].matches("[0-9]{1,3}") || Integer.parseInt(head[2]) > WORD_LIMIT) {
            refuse("'" + line + "': write " + VERB + " VERSION COUNT, with a COUNT of at most " + WORD_LIMIT);
            return;
        }
        List<String> words;
        try {
            words = words(Integer.parseInt(head[2]));
        } catch (CharacterCodingException e) {
            refuse("the words are not UTF-8: " + e.getMessage());
            return;
        }
        if (words == null) {
            refuse("the words end before the last zero byte, or are longer than " + WORDS_LIMIT_BYTES + " bytes");
        } else if (!head[1].equals(version)) {
            refuse("this server is ublkdisk " + version + ", the caller is " + head[1]);
        } else {
            execute(words);
        }
    }

    private void execute(List<String> words) throws IOException {
        PrintWriter out = new PrintWriter(new PrefixedLines("out "), false);
        PrintWriter err = new PrintWriter(new PrefixedLines("err "), false);
        int status;
        try {
            status = runner.run(words, out, err);
            out.close();
            err.close();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (status == CommandLineRunner.NOT_HERE) {
            refuse("a server does not run '" + (words.isEmpty() ? "" : words.get(0)) + "'");
        } else {
            bytes.send("exit " + status + "\n");
        }
    }

    private void refuse(String why) throws IOException {
        bytes.send("error " + why.replace('\n', ' ') + "\n");
    }

    /** Returns null if they end too early or are too long. */
    private List<String> words(int count) throws IOException {
        List<String> words = new ArrayList<>(count);
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        int left = WORDS_LIMIT_BYTES;
        while (words.size() < count) {
            int b = bytes.next();
            if (b < 0 || left-- == 0) {
                return null;
            }
            if (b == 0) {
                words.add(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(word.toByteArray()))
                        .toString());
                word.reset();
            } else {
                word.write(b);
            }
        }
        return words;
    }

    /** Sends each line with a prefix; what follows the last line feed is sent as a line at the end. */
    private final class PrefixedLines extends Writer {
        private static final int SEND_FROM = 8192;

        private final String prefix;
        private final StringBuilder whole = new StringBuilder();
        private final StringBuilder line = new StringBuilder();

        PrefixedLines(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public void write(char[] text, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                if (text[i] == '\n') {
                    whole.append(prefix).append(line).append('\n');
                    line.setLength(0);
                } else {
                    line.append(text[i]);
                }
            }
            if (whole.length() >= SEND_FROM) {
                flush();
            }
        }

        @Override
        public void flush() {
            try {
                bytes.send(whole.toString());
                whole.setLength(0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            if (line.length() > 0) {
                write(new char[] {'\n'}, 0, 1);
            }
            flush();
        }
    }
}
