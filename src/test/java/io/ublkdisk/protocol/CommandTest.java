package io.ublkdisk.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.crash.Sample;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CommandTest {
    private static final String DISK = "ublkb0#7";
    /** What a line must not break: spaces, backslashes, line feeds, nothing. */
    private static final String ODD = "a b\\c\nd=e";

    private static final Path FILE = Path.of("/tmp/a b");

    /** One of each verb at least, with and without what may be left out. */
    static final List<Command<?>> COMMANDS = List.of(
            new SessionCommand.Hello(17, 2),
            new SessionCommand.Hello(17, 1),
            new SessionCommand.Ping(),
            new SessionCommand.Features(),
            new SessionCommand.ListDisks(),
            new SessionCommand.Prepare(new KeyValues().put("size", 4096).put("script", ODD)),
            new SessionCommand.Settle(),
            new LifeCommand.Create(new KeyValues().put("size", 4096).put("script", ODD), true),
            new LifeCommand.Create(new KeyValues(), false),
            new LifeCommand.Recover(DISK, true),
            new LifeCommand.Info(DISK),
            new LifeCommand.Stats(DISK),
            new LifeCommand.Delete(DISK, true),
            new LifeCommand.Delete(DISK, false),
            new LifeCommand.Retire(DISK),
            new LifeCommand.Quiesce(DISK),
            new MountCommand.Mount(DISK, Optional.of(FILE), "ro,noatime"),
            new MountCommand.Mount(DISK, Optional.empty(), ""),
            new MountCommand.Unmount(DISK),
            new MountCommand.Remount(DISK),
            new MountCommand.CheckFilesystem(DISK),
            new RuleCommand.AddRule(DISK, "on read flip 1 bit"),
            new RuleCommand.ReplaceRule(DISK, ODD),
            new RuleCommand.AddScript(DISK, ODD),
            new RuleCommand.ListRules(DISK),
            new RuleCommand.ClearRules(DISK, Optional.of("r")),
            new RuleCommand.ClearRules(DISK, Optional.empty()),
            new RuleCommand.ListCleared(DISK),
            new RuleCommand.ListSteps(DISK),
            new RuleCommand.ListHeld(DISK, "r"),
            new RuleCommand.Release(DISK, Optional.empty(), Optional.empty()),
            new RuleCommand.Release(DISK, Optional.of("r"), Optional.empty()),
            new RuleCommand.Release(DISK, Optional.of("r"), Optional.of(BlockStatus.MEDIUM)),
            new RuleCommand.AwaitFired(DISK, "r", 3, Duration.ofMillis(250)),
            new RuleCommand.AwaitHeld(DISK, "r", Duration.ofMinutes(10)),
            new PowerCommand.ListUnflushed(DISK),
            new PowerCommand.PowerCut(DISK, "random 0.5 torn", -3),
            new PowerCommand.PowerCycle(DISK, "all", 4, Duration.ofMillis(20)),
            new PowerCommand.PowerOn(DISK, true),
            new PowerCommand.PowerOn(DISK, false),
            new PowerCommand.Replug(DISK),
            new EventCommand.ReadJournal(DISK, true),
            new EventCommand.ReadJournal(DISK, false),
            new EventCommand.Follow(DISK, true),
            new EventCommand.SetMark(DISK, ODD),
            new EventCommand.MarksAtCut(DISK),
            new EventCommand.StopMarks(DISK),
            new ContentsCommand.TakeSnapshot(DISK, ODD),
            new ContentsCommand.Rewind(DISK, ODD),
            new ContentsCommand.Reset(DISK),
            new ContentsCommand.Damage(DISK, 512, 8, "zero", OptionalLong.of(4)),
            new ContentsCommand.Damage(DISK, 512, 8, "flip", OptionalLong.empty()),
            new ContentsCommand.Save(DISK, FILE),
            new ContentsCommand.LogWrites(DISK, FILE),
            new ContentsCommand.EndLogWrites(DISK),
            new CrashCommand.StartRecording(DISK),
            new CrashCommand.StopRecording(DISK),
            new CrashCommand.LogRecording(DISK, FILE),
            new CrashCommand.SampleStates(DISK, new Sample(5, false, 9, 8)),
            new CrashCommand.ReadEpoch(DISK, 12),
            new CrashCommand.ListMarks(DISK, "e1:3"),
            new CrashCommand.MakeState(DISK, "e1:3", Optional.of("b"), true),
            new CrashCommand.MakeState(DISK, "e1:3", Optional.empty(), false),
            new CrashCommand.MakeImage(DISK, "all torn", 4, Optional.of("b"), true),
            new CrashCommand.ShowState(DISK, "e1:3", "ublkb1#8", true, "ro"),
            new CrashCommand.ShowImage(DISK, "ublkb1#8", "none", 0, false, ""));

    @Test
    void eachReadsBackFromItsLine() throws ProtocolException {
        for (Command<?> command : COMMANDS) {
            Command<?> read = Command.read(command.line());
            assertThat(read.getClass()).as(command.line()).isEqualTo(command.getClass());
            assertThat(read.line())
                    .isEqualTo(command.line())
                    .startsWith(command.verb().word());
            assertThat(read.toString()).isEqualTo(command.toString());
        }
    }

    @Test
    void noVerbIsLeftOut() {
        Set<Verb> seen = EnumSet.noneOf(Verb.class);
        COMMANDS.forEach(command -> seen.add(command.verb()));
        assertThat(seen).isEqualTo(EnumSet.allOf(Verb.class));
    }

    @Test
    void aWordTooMuchIsRefusedBeforeAnythingIsDone() {
        for (String line :
                List.of("ping x", "power-on d remount=true x", "snapshot d a b", "release d r IO x", "reset d x")) {
            assertThatThrownBy(() -> Command.read(line)).as(line).isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> Command.read("crash-stat d"))
                .hasMessage("unknown verb 'crash-stat'; did you mean 'crash-state'?");
        assertThatThrownBy(() -> Command.read("power-cut d seeed=1"))
                .hasMessage("unknown field 'seeed'; did you mean 'seed'?");
        assertThatThrownBy(() -> Command.read("delete d now"))
                .hasMessage("'now' is not expected here; write 'force', or nothing");
        assertThatThrownBy(() -> Command.read("epoch d x")).hasMessageContaining("the number of an epoch is expected");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.read("release d r OK"))
                .withMessageContaining("'OK' is not a status that a request can fail with");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.read("await-held d rule=r millis=600001"))
                .withMessage("to wait 600001 ms: write 0 to 600000 ms");
    }

    @Test
    void keepsTheLinesOfEarlierBuilds() throws ProtocolException {
        assertThat(Command.read("hello pid=17")).isEqualTo(new SessionCommand.Hello(17, 1));
        assertThat(Command.read("power-cut d")).isEqualTo(new PowerCommand.PowerCut("d", "none", 0));
        assertThat(Command.read("power-on d")).isEqualTo(new PowerCommand.PowerOn("d", false));
        assertThat(Command.read("await-fired d rule=r"))
                .isEqualTo(new RuleCommand.AwaitFired("d", "r", 1, Duration.ZERO));
        assertThat(Command.read("fault d on read  fail IO"))
                .isEqualTo(new RuleCommand.AddRule("d", "on read  fail IO"));
        assertThat(new RuleCommand.AddRule("d", "on read fail IO").line()).isEqualTo("fault d on read fail IO");
        assertThat(new SessionCommand.Hello(17, 1).line()).isEqualTo("hello pid=17");
    }
}
