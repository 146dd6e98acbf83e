package io.ublkdisk.protocol;

import io.ublkdisk.block.Nearest;
import java.io.IOException;

/**
 * What a client asks of a server: one line of text, and as a value a record. Each record knows its line, its reader, the type of
 * its reply, and the method that does it, so a command without one of these does not compile.
 *
 * @param <R> what the server replies
 */
public sealed interface Command<R extends Reply>
        permits SessionCommand,
                LifeCommand,
                MountCommand,
                RuleCommand,
                PowerCommand,
                EventCommand,
                ContentsCommand,
                CrashCommand {
    /** Returns the verb, the first word of the line. */
    Verb verb();

    /** Returns the rest of the line; empty for none. */
    String arguments();

    /** Reads the reply. */
    R reply(Answer answer) throws ProtocolException;

    /**
     * Has the command done.
     *
     * @throws ProtocolException if its settings do not follow the protocol
     */
    R run(Handlers handlers) throws IOException, ProtocolException;

    /** Returns the line, without its line feed. */
    default String line() {
        String arguments = arguments();
        return arguments.isEmpty() ? verb().word() : verb().word() + " " + arguments;
    }

    /**
     * Reads a whole line, so that a line with one word too much does nothing.
     *
     * @throws ProtocolException if it does not follow the protocol
     * @throws IllegalArgumentException if a value in it cannot be
     */
    static Command<?> read(String text) throws ProtocolException {
        ProtocolLine line = new ProtocolLine(text);
        String word = line.next("a verb");
        Verb verb = Verb.named(word);
        if (verb == null) {
            throw new ProtocolException("unknown verb '" + word + "'" + Nearest.hint(word, Verb.words()));
        }
        Command<?> command = read(verb, line);
        line.end();
        return command;
    }

    private static Command<?> read(Verb verb, ProtocolLine line) throws ProtocolException {
        return switch (verb) {
            case HELLO -> SessionCommand.Hello.read(line);
            case PING -> SessionCommand.Ping.read(line);
            case FEATURES -> SessionCommand.Features.read(line);
            case LIST -> SessionCommand.ListDisks.read(line);
            case PREPARE -> SessionCommand.Prepare.read(line);
            case SETTLE -> SessionCommand.Settle.read(line);
            case CREATE -> LifeCommand.Create.read(line);
            case RECOVER -> LifeCommand.Recover.read(line);
            case INFO -> LifeCommand.Info.read(line);
            case STATS -> LifeCommand.Stats.read(line);
            case DELETE -> LifeCommand.Delete.read(line);
            case RETIRE -> LifeCommand.Retire.read(line);
            case QUIESCE -> LifeCommand.Quiesce.read(line);
            case MOUNT -> MountCommand.Mount.read(line);
            case UNMOUNT -> MountCommand.Unmount.read(line);
            case REMOUNT -> MountCommand.Remount.read(line);
            case CHECK -> MountCommand.CheckFilesystem.read(line);
            case FAULT -> RuleCommand.AddRule.read(line);
            case REPLACE -> RuleCommand.ReplaceRule.read(line);
            case SCRIPT -> RuleCommand.AddScript.read(line);
            case RULES -> RuleCommand.ListRules.read(line);
            case CLEAR -> RuleCommand.ClearRules.read(line);
            case CLEARED -> RuleCommand.ListCleared.read(line);
            case TIMELINE -> RuleCommand.ListSteps.read(line);
            case HELD -> RuleCommand.ListHeld.read(line);
            case RELEASE -> RuleCommand.Release.read(line);
            case AWAIT_FIRED -> RuleCommand.AwaitFired.read(line);
            case AWAIT_HELD -> RuleCommand.AwaitHeld.read(line);
            case UNFLUSHED -> PowerCommand.ListUnflushed.read(line);
            case POWER_CUT -> PowerCommand.PowerCut.read(line);
            case POWER_CYCLE -> PowerCommand.PowerCycle.read(line);
            case POWER_ON -> PowerCommand.PowerOn.read(line);
            case REPLUG -> PowerCommand.Replug.read(line);
            case JOURNAL -> EventCommand.ReadJournal.read(line);
            case FOLLOW -> EventCommand.Follow.read(line);
            case MARK -> EventCommand.SetMark.read(line);
            case MARKS_AT_CUT -> EventCommand.MarksAtCut.read(line);
            case STOP_MARKS -> EventCommand.StopMarks.read(line);
            case SNAPSHOT -> ContentsCommand.TakeSnapshot.read(line);
            case REWIND -> ContentsCommand.Rewind.read(line);
            case RESET -> ContentsCommand.Reset.read(line);
            case DAMAGE -> ContentsCommand.Damage.read(line);
            case SAVE -> ContentsCommand.Save.read(line);
            case LOG_WRITES -> ContentsCommand.LogWrites.read(line);
            case END_LOG_WRITES -> ContentsCommand.EndLogWrites.read(line);
            case RECORD -> CrashCommand.StartRecording.read(line);
            case STOP_RECORDING -> CrashCommand.StopRecording.read(line);
            case LOG_RECORDING -> CrashCommand.LogRecording.read(line);
            case CRASH_STATES -> CrashCommand.SampleStates.read(line);
            case EPOCH -> CrashCommand.ReadEpoch.read(line);
            case MARKS -> CrashCommand.ListMarks.read(line);
            case CRASH_STATE -> CrashCommand.MakeState.read(line);
            case CRASH_IMAGE -> CrashCommand.MakeImage.read(line);
            case SHOW_STATE -> CrashCommand.ShowState.read(line);
            case SHOW_IMAGE -> CrashCommand.ShowImage.read(line);
        };
    }
}
