package io.ublkdisk.protocol;

import java.io.IOException;
import java.time.Duration;

/** Power cuts, and what they take. */
public sealed interface PowerCommand<R extends Reply> extends Command<R> {
    /** Does these commands: a method for each. */
    interface Handler {
        Report.Changes listUnflushed(ListUnflushed command) throws IOException, ProtocolException;

        Report.Cut powerCut(PowerCut command) throws IOException, ProtocolException;

        Report.Cycle powerCycle(PowerCycle command) throws IOException, ProtocolException;

        Reply.Disk powerOn(PowerOn command) throws IOException, ProtocolException;

        Reply.Disk replug(Replug command) throws IOException, ProtocolException;
    }

    /** Returns what a power cut now could take, the oldest first. */
    record ListUnflushed(String disk) implements PowerCommand<Report.Changes> {
        static ListUnflushed read(ProtocolLine line) throws ProtocolException {
            return new ListUnflushed(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.UNFLUSHED;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Report.Changes reply(Answer answer) throws ProtocolException {
            return Report.Changes.read(answer);
        }

        @Override
        public Report.Changes run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.powerCommands().listUnflushed(this);
        }
    }

    /** Takes the power: every request fails, and what is unflushed is lost but for what survives. */
    record PowerCut(String disk, String keep, long seed) implements PowerCommand<Report.Cut> {
        static PowerCut read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            KeyValues fields = KeyValues.parse(line).only(Verb.POWER_CUT.keys());
            return new PowerCut(disk, fields.text("keep").orElse("none"), fields.number("seed", 0));
        }

        @Override
        public Verb verb() {
            return Verb.POWER_CUT;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues().put("keep", keep).put("seed", seed).line();
        }

        @Override
        public Report.Cut reply(Answer answer) throws ProtocolException {
            return Report.Cut.read(answer);
        }

        @Override
        public Report.Cut run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.powerCommands().powerCut(this);
        }
    }

    /** Does power-cut, waits, and does power-on with remount=true. */
    record PowerCycle(String disk, String keep, long seed, Duration off) implements PowerCommand<Report.Cycle> {
        static PowerCycle read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            KeyValues fields = KeyValues.parse(line).only(Verb.POWER_CYCLE.keys());
            return new PowerCycle(
                    disk, fields.text("keep").orElse("none"), fields.number("seed", 0), fields.waiting("off-millis"));
        }

        @Override
        public Verb verb() {
            return Verb.POWER_CYCLE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues()
                            .put("keep", keep)
                            .put("seed", seed)
                            .put("off-millis", off.toMillis())
                            .line();
        }

        @Override
        public Report.Cycle reply(Answer answer) throws ProtocolException {
            return Report.Cycle.read(answer);
        }

        @Override
        public Report.Cycle run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.powerCommands().powerCycle(this);
        }
    }

    /** Gives the power back; does nothing if it is on. */
    record PowerOn(String disk, boolean remounting) implements PowerCommand<Reply.Disk> {
        static PowerOn read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            KeyValues fields = KeyValues.parse(line).only(Verb.POWER_ON.keys());
            return new PowerOn(disk, fields.flag("remount", false));
        }

        @Override
        public Verb verb() {
            return Verb.POWER_ON;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues().put("remount", remounting).line();
        }

        @Override
        public Reply.Disk reply(Answer answer) throws ProtocolException {
            return Reply.Disk.read(answer);
        }

        @Override
        public Reply.Disk run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.powerCommands().powerOn(this);
        }
    }

    /** Gives the power back as another device, under files that are open; mounted where the old one was. */
    record Replug(String disk) implements PowerCommand<Reply.Disk> {
        static Replug read(ProtocolLine line) throws ProtocolException {
            return new Replug(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.REPLUG;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Reply.Disk reply(Answer answer) throws ProtocolException {
            return Reply.Disk.read(answer);
        }

        @Override
        public Reply.Disk run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.powerCommands().replug(this);
        }
    }
}
