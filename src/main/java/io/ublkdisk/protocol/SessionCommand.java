package io.ublkdisk.protocol;

import java.io.IOException;

/** What a client asks of the server as a whole. */
public sealed interface SessionCommand<R extends Reply> extends Command<R> {
    /** Does these commands: a method for each. */
    interface Handler {
        Reply.Greeting hello(Hello command) throws IOException, ProtocolException;

        Reply.Done ping(Ping command) throws IOException, ProtocolException;

        Reply.Names features(Features command) throws IOException, ProtocolException;

        Reply.Disks listDisks(ListDisks command) throws IOException, ProtocolException;

        Reply.Done prepare(Prepare command) throws IOException, ProtocolException;

        Reply.Done settle(Settle command) throws IOException, ProtocolException;
    }

    /** Introduces the client. */
    record Hello(long pid, int protocol) implements SessionCommand<Reply.Greeting> {
        static Hello read(ProtocolLine line) throws ProtocolException {
            KeyValues fields = KeyValues.parse(line).only(Verb.HELLO.keys());
            return new Hello(fields.number("pid", -1), (int) fields.number("protocol", Version.FIRST_PROTOCOL));
        }

        @Override
        public Verb verb() {
            return Verb.HELLO;
        }

        @Override
        public String arguments() {
            return new KeyValues()
                    .put("pid", pid < 0 ? null : pid)
                    .put("protocol", protocol == Version.FIRST_PROTOCOL ? null : protocol)
                    .line();
        }

        @Override
        public Reply.Greeting reply(Answer answer) throws ProtocolException {
            return Reply.Greeting.read(answer);
        }

        @Override
        public Reply.Greeting run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.sessionCommands().hello(this);
        }
    }

    /** Does nothing; shows that the server answers. */
    record Ping() implements SessionCommand<Reply.Done> {
        static Ping read(ProtocolLine line) {
            return new Ping();
        }

        @Override
        public Verb verb() {
            return Verb.PING;
        }

        @Override
        public String arguments() {
            return "";
        }

        @Override
        public Reply.Done reply(Answer answer) throws ProtocolException {
            return Reply.Done.read(answer);
        }

        @Override
        public Reply.Done run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.sessionCommands().ping(this);
        }
    }

    /** Returns what the ublk driver of the kernel can do, by the names of ublk_cmd.h without UBLK_F_. */
    record Features() implements SessionCommand<Reply.Names> {
        static Features read(ProtocolLine line) {
            return new Features();
        }

        @Override
        public Verb verb() {
            return Verb.FEATURES;
        }

        @Override
        public String arguments() {
            return "";
        }

        @Override
        public Reply.Names reply(Answer answer) throws ProtocolException {
            return Reply.Names.read(answer);
        }

        @Override
        public Reply.Names run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.sessionCommands().features(this);
        }
    }

    /** Returns the disks of the server. */
    record ListDisks() implements SessionCommand<Reply.Disks> {
        static ListDisks read(ProtocolLine line) {
            return new ListDisks();
        }

        @Override
        public Verb verb() {
            return Verb.LIST;
        }

        @Override
        public String arguments() {
            return "";
        }

        @Override
        public Reply.Disks reply(Answer answer) throws ProtocolException {
            return Reply.Disks.read(answer);
        }

        @Override
        public Reply.Disks run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.sessionCommands().listDisks(this);
        }
    }

    /** Makes a disk in the background for the next create with the same settings. */
    record Prepare(KeyValues settings) implements SessionCommand<Reply.Done> {
        static Prepare read(ProtocolLine line) throws ProtocolException {
            return new Prepare(KeyValues.parse(line));
        }

        @Override
        public Verb verb() {
            return Verb.PREPARE;
        }

        @Override
        public String arguments() {
            return settings.line();
        }

        @Override
        public Reply.Done reply(Answer answer) throws ProtocolException {
            return Reply.Done.read(answer);
        }

        @Override
        public Reply.Done run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.sessionCommands().prepare(this);
        }
    }

    /** Gives up what the connection has prepared, and returns when retired disks are gone. */
    record Settle() implements SessionCommand<Reply.Done> {
        static Settle read(ProtocolLine line) {
            return new Settle();
        }

        @Override
        public Verb verb() {
            return Verb.SETTLE;
        }

        @Override
        public String arguments() {
            return "";
        }

        @Override
        public Reply.Done reply(Answer answer) throws ProtocolException {
            return Reply.Done.read(answer);
        }

        @Override
        public Reply.Done run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.sessionCommands().settle(this);
        }
    }
}
