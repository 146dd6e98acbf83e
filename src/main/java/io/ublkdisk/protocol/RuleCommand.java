package io.ublkdisk.protocol;

import io.ublkdisk.block.BlockStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Rules and scripts in force on a disk, and the requests that rules hold. */
public sealed interface RuleCommand<R extends Reply> extends Command<R> {
    /** Does these commands: a method for each. */
    interface Handler {
        Reply.Word addRule(AddRule command) throws IOException, ProtocolException;

        Reply.Word replaceRule(ReplaceRule command) throws IOException, ProtocolException;

        Reply.Names addScript(AddScript command) throws IOException, ProtocolException;

        Report.Rules listRules(ListRules command) throws IOException, ProtocolException;

        Reply.Done clearRules(ClearRules command) throws IOException, ProtocolException;

        Report.Rules listCleared(ListCleared command) throws IOException, ProtocolException;

        Report.Steps listSteps(ListSteps command) throws IOException, ProtocolException;

        Report.Requests listHeld(ListHeld command) throws IOException, ProtocolException;

        Reply.Number release(Release command) throws IOException, ProtocolException;

        Reply.Number awaitFired(AwaitFired command) throws IOException, ProtocolException;

        Reply.Number awaitHeld(AwaitHeld command) throws IOException, ProtocolException;
    }

    /** Puts a rule in force. */
    record AddRule(String disk, String rule) implements RuleCommand<Reply.Word> {
        static AddRule read(ProtocolLine line) throws ProtocolException {
            return new AddRule(line.next("a disk"), line.rest());
        }

        @Override
        public Verb verb() {
            return Verb.FAULT;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " " + ProtocolLine.text(rule);
        }

        @Override
        public Reply.Word reply(Answer answer) throws ProtocolException {
            return Reply.Word.read(answer);
        }

        @Override
        public Reply.Word run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().addRule(this);
        }
    }

    /** Puts a rule in the place of the one of the same name, in one step. */
    record ReplaceRule(String disk, String rule) implements RuleCommand<Reply.Word> {
        static ReplaceRule read(ProtocolLine line) throws ProtocolException {
            return new ReplaceRule(line.next("a disk"), line.rest());
        }

        @Override
        public Verb verb() {
            return Verb.REPLACE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " " + ProtocolLine.text(rule);
        }

        @Override
        public Reply.Word reply(Answer answer) throws ProtocolException {
            return Reply.Word.read(answer);
        }

        @Override
        public Reply.Word run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().replaceRule(this);
        }
    }

    /** Begins a script: all its rules are armed, or none. */
    record AddScript(String disk, String script) implements RuleCommand<Reply.Names> {
        static AddScript read(ProtocolLine line) throws ProtocolException {
            return new AddScript(line.next("a disk"), line.rest());
        }

        @Override
        public Verb verb() {
            return Verb.SCRIPT;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " " + ProtocolLine.text(script);
        }

        @Override
        public Reply.Names reply(Answer answer) throws ProtocolException {
            return Reply.Names.read(answer);
        }

        @Override
        public Reply.Names run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().addScript(this);
        }
    }

    /** Returns the rules in force, and their counts. */
    record ListRules(String disk) implements RuleCommand<Report.Rules> {
        static ListRules read(ProtocolLine line) throws ProtocolException {
            return new ListRules(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.RULES;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Report.Rules reply(Answer answer) throws ProtocolException {
            return Report.Rules.read(answer);
        }

        @Override
        public Report.Rules run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().listRules(this);
        }
    }

    /** Takes one rule away, or all. */
    record ClearRules(String disk, Optional<String> rule) implements RuleCommand<Reply.Done> {
        static ClearRules read(ProtocolLine line) throws ProtocolException {
            return new ClearRules(line.next("a disk"), line.optional("a rule"));
        }

        @Override
        public Verb verb() {
            return Verb.CLEAR;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk)
                    + rule.map(word -> " " + ProtocolLine.join(word)).orElse("");
        }

        @Override
        public Reply.Done reply(Answer answer) throws ProtocolException {
            return Reply.Done.read(answer);
        }

        @Override
        public Reply.Done run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().clearRules(this);
        }
    }

    /** Returns the rules that steps of scripts have taken away, with their last counts. */
    record ListCleared(String disk) implements RuleCommand<Report.Rules> {
        static ListCleared read(ProtocolLine line) throws ProtocolException {
            return new ListCleared(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.CLEARED;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Report.Rules reply(Answer answer) throws ProtocolException {
            return Report.Rules.read(answer);
        }

        @Override
        public Report.Rules run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().listCleared(this);
        }
    }

    /** Returns the lines of scripts that wait for a moment, and what has become of each. */
    record ListSteps(String disk) implements RuleCommand<Report.Steps> {
        static ListSteps read(ProtocolLine line) throws ProtocolException {
            return new ListSteps(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.TIMELINE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Report.Steps reply(Answer answer) throws ProtocolException {
            return Report.Steps.read(answer);
        }

        @Override
        public Report.Steps run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().listSteps(this);
        }
    }

    /** Returns the requests that a rule holds now. */
    record ListHeld(String disk, String rule) implements RuleCommand<Report.Requests> {
        static ListHeld read(ProtocolLine line) throws ProtocolException {
            return new ListHeld(line.next("a disk"), line.next("a rule"));
        }

        @Override
        public Verb verb() {
            return Verb.HELD;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, rule);
        }

        @Override
        public Report.Requests reply(Answer answer) throws ProtocolException {
            return Report.Requests.read(answer);
        }

        @Override
        public Report.Requests run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().listHeld(this);
        }
    }

    /** Lets held requests go on, of one rule or of all; with a status they fail. */
    record Release(String disk, Optional<String> rule, Optional<BlockStatus> failing)
            implements RuleCommand<Reply.Number> {
        static Release read(ProtocolLine line) throws ProtocolException {
            return new Release(line.next("a disk"), line.optional("a rule"), RuleCommand.failing(line));
        }

        @Override
        public Verb verb() {
            return Verb.RELEASE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk)
                    + rule.map(word -> " " + ProtocolLine.join(word)).orElse("")
                    + failing.map(status -> " " + status.name()).orElse("");
        }

        @Override
        public Reply.Number reply(Answer answer) throws ProtocolException {
            return Reply.Number.read(answer);
        }

        @Override
        public Reply.Number run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().release(this);
        }
    }

    /** Waits until a rule has fired that often. */
    record AwaitFired(String disk, String rule, long times, Duration limit) implements RuleCommand<Reply.Number> {
        static AwaitFired read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            KeyValues fields = KeyValues.parse(line).only(Verb.AWAIT_FIRED.keys());
            return new AwaitFired(
                    disk, fields.text("rule").orElse(""), fields.number("times", 1), fields.waiting("millis"));
        }

        @Override
        public Verb verb() {
            return Verb.AWAIT_FIRED;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues()
                            .put("rule", rule.isEmpty() ? null : rule)
                            .put("times", times)
                            .put("millis", limit.toMillis())
                            .line();
        }

        @Override
        public Reply.Number reply(Answer answer) throws ProtocolException {
            return Reply.Number.read(answer);
        }

        @Override
        public Reply.Number run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().awaitFired(this);
        }
    }

    /** Waits until a rule holds a request. */
    record AwaitHeld(String disk, String rule, Duration limit) implements RuleCommand<Reply.Number> {
        static AwaitHeld read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            KeyValues fields = KeyValues.parse(line).only(Verb.AWAIT_HELD.keys());
            return new AwaitHeld(disk, fields.text("rule").orElse(""), fields.waiting("millis"));
        }

        @Override
        public Verb verb() {
            return Verb.AWAIT_HELD;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues()
                            .put("rule", rule.isEmpty() ? null : rule)
                            .put("millis", limit.toMillis())
                            .line();
        }

        @Override
        public Reply.Number reply(Answer answer) throws ProtocolException {
            return Reply.Number.read(answer);
        }

        @Override
        public Reply.Number run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.ruleCommands().awaitHeld(this);
        }
    }

    private static Optional<BlockStatus> failing(ProtocolLine line) throws ProtocolException {
        return line.optional("a status").map(RuleCommand::failing);
    }

    /**
     * Returns the status of that name that a request can fail with.
     *
     * @throws IllegalArgumentException if there is none
     */
    static BlockStatus failing(String name) {
        return BlockStatus.named(name)
                .filter(status -> status != BlockStatus.OK)
                .orElseThrow(() -> new IllegalArgumentException("'" + name
                        + "' is not a status that a request can fail with; write for instance IO or MEDIUM"));
    }
}
