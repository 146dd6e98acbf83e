package io.ublkdisk.protocol;

/** What does the commands of a client: a handler for each group. */
public interface Handlers {
    /** Returns what does connection and server. */
    SessionCommand.Handler sessionCommands();

    /** Returns what does the life of a disk. */
    LifeCommand.Handler lifeCommands();

    /** Returns what does filesystems. */
    MountCommand.Handler mountCommands();

    /** Returns what does rules and scripts. */
    RuleCommand.Handler ruleCommands();

    /** Returns what does power. */
    PowerCommand.Handler powerCommands();

    /** Returns what does journal and marks. */
    EventCommand.Handler eventCommands();

    /** Returns what does contents. */
    ContentsCommand.Handler contentsCommands();

    /** Returns what does recordings and crash states. */
    CrashCommand.Handler crashCommands();
}
