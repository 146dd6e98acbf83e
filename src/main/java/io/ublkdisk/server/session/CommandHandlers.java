package io.ublkdisk.server.session;

import io.ublkdisk.protocol.ContentsCommand;
import io.ublkdisk.protocol.CrashCommand;
import io.ublkdisk.protocol.EventCommand;
import io.ublkdisk.protocol.Handlers;
import io.ublkdisk.protocol.LifeCommand;
import io.ublkdisk.protocol.MountCommand;
import io.ublkdisk.protocol.PowerCommand;
import io.ublkdisk.protocol.RuleCommand;
import io.ublkdisk.protocol.SessionCommand;
import io.ublkdisk.server.Disks;

/** What does the commands of one client. */
record CommandHandlers(
        SessionCommand.Handler sessionCommands,
        LifeCommand.Handler lifeCommands,
        MountCommand.Handler mountCommands,
        RuleCommand.Handler ruleCommands,
        PowerCommand.Handler powerCommands,
        EventCommand.Handler eventCommands,
        ContentsCommand.Handler contentsCommands,
        CrashCommand.Handler crashCommands)
        implements Handlers {

    static Handlers of(Disks disks, ClientSession session) {
        return new CommandHandlers(
                new SessionHandler(disks, session),
                new LifeHandler(disks, session),
                new MountHandler(disks, session),
                new RuleHandler(disks),
                new PowerHandler(disks, session),
                new EventHandler(disks, session),
                new ContentsHandler(disks, session),
                new CrashHandler(disks, session));
    }
}
