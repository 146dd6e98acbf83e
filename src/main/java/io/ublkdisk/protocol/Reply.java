package io.ublkdisk.protocol;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a server replies when it has done a command. Errors are none of these: they are one line {@code error TEXT}. */
public sealed interface Reply
        permits Reply.Done,
                Reply.Greeting,
                Reply.Number,
                Reply.Word,
                Reply.Names,
                Reply.Text,
                Reply.Texts,
                Reply.Disk,
                Reply.Disks,
                Reply.MountedAt,
                Report {
    /** Returns the lines of it. */
    Answer answer();

    /** The command is done, and there is nothing to tell. */
    record Done() implements Reply {
        static Done read(Answer answer) throws ProtocolException {
            return new Done();
        }

        @Override
        public Answer answer() {
            return Answer.ok("");
        }
    }

    /**
     * Who the server is.
     *
     * @param protocol the version of its protocol
     * @param pid its process
     */
    record Greeting(int protocol, long pid) implements Reply {
        static Greeting read(Answer answer) throws ProtocolException {
            ProtocolLine line = answer.words();
            line.next("ublkdisk");
            int protocol = line.integer("the version of the protocol");
            return new Greeting(protocol, KeyValues.parse(line).number("pid", -1));
        }

        @Override
        public Answer answer() {
            return Answer.ok("ublkdisk " + protocol + " pid=" + pid);
        }
    }

    /** A number: of requests, of firings, of steps. */
    record Number(long value) implements Reply {
        static Number read(Answer answer) throws ProtocolException {
            String word = answer.words().next("a number");
            try {
                return new Number(Long.parseLong(word));
            } catch (NumberFormatException e) {
                throw new ProtocolException("'" + word + "' is not a number");
            }
        }

        @Override
        public Answer answer() {
            return Answer.ok(Long.toString(value));
        }
    }

    /** One word: the name of a rule, a hash. */
    record Word(String value) implements Reply {
        static Word read(Answer answer) throws ProtocolException {
            return new Word(answer.words().next("a word"));
        }

        @Override
        public Answer answer() {
            return Answer.ok(ProtocolLine.join(value));
        }
    }

    /** Names, one a line. */
    record Names(List<String> values) implements Reply {
        static Names read(Answer answer) throws ProtocolException {
            return new Names(answer.each(line -> line.next("a name")));
        }

        @Override
        public Answer answer() {
            return Answer.data(values, value -> ProtocolLine.join(value));
        }
    }

    /** A sentence. */
    record Text(String value) implements Reply {
        static Text read(Answer answer) throws ProtocolException {
            return new Text(answer.words().rest());
        }

        @Override
        public Answer answer() {
            return Answer.ok(ProtocolLine.text(value));
        }
    }

    /** Sentences, or marks, one a line. */
    record Texts(List<String> values) implements Reply {
        static Texts read(Answer answer) throws ProtocolException {
            return new Texts(answer.each(ProtocolLine::rest));
        }

        @Override
        public Answer answer() {
            return Answer.data(values, ProtocolLine::text);
        }
    }

    /** A disk that has been made, or is another device now: the fields of its description. */
    record Disk(KeyValues fields) implements Reply {
        static Disk read(Answer answer) throws ProtocolException {
            return new Disk(answer.fields());
        }

        @Override
        public Answer answer() {
            return Answer.ok(fields.line());
        }
    }

    /** Disks that are there: of each the fields of its description. */
    record Disks(List<KeyValues> disks) implements Reply {
        static Disks read(Answer answer) throws ProtocolException {
            return new Disks(answer.each(KeyValues::parse));
        }

        @Override
        public Answer answer() {
            return Answer.data(disks, KeyValues::line);
        }
    }

    /** Where the disk is mounted now; empty if it is not. */
    record MountedAt(Optional<Path> where) implements Reply {
        static MountedAt read(Answer answer) throws ProtocolException {
            ProtocolLine line = answer.words();
            return new MountedAt(line.optional("a path").map(Path::of));
        }

        @Override
        public Answer answer() {
            return Answer.ok(
                    where.map(path -> ProtocolLine.join(path.toString())).orElse(""));
        }
    }
}
