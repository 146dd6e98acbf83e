package io.ublkdisk.server.session;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.Report;
import io.ublkdisk.protocol.RuleCommand;
import io.ublkdisk.server.DiskRules;
import io.ublkdisk.server.Disks;
import java.io.IOException;

/** Puts rules in force and takes them away, and waits for them. */
final class RuleHandler implements RuleCommand.Handler {
    private final Disks disks;

    RuleHandler(Disks disks) {
        this.disks = disks;
    }

    private DiskRules rules(String disk) throws DiskException {
        return disks.named(disk).rules();
    }

    @Override
    public Reply.Word addRule(RuleCommand.AddRule command) throws IOException {
        return new Reply.Word(rules(command.disk()).add(command.rule()));
    }

    @Override
    public Reply.Word replaceRule(RuleCommand.ReplaceRule command) throws IOException {
        return new Reply.Word(rules(command.disk()).replace(command.rule()));
    }

    @Override
    public Reply.Names addScript(RuleCommand.AddScript command) throws IOException {
        return new Reply.Names(rules(command.disk()).addScript(command.script()));
    }

    @Override
    public Report.Rules listRules(RuleCommand.ListRules command) throws IOException {
        return new Report.Rules(rules(command.disk()).reports());
    }

    @Override
    public Reply.Done clearRules(RuleCommand.ClearRules command) throws IOException {
        rules(command.disk()).clear(command.rule());
        return new Reply.Done();
    }

    @Override
    public Report.Rules listCleared(RuleCommand.ListCleared command) throws IOException {
        return new Report.Rules(rules(command.disk()).cleared());
    }

    @Override
    public Report.Steps listSteps(RuleCommand.ListSteps command) throws IOException {
        return new Report.Steps(rules(command.disk()).timeline());
    }

    @Override
    public Report.Requests listHeld(RuleCommand.ListHeld command) throws IOException {
        return new Report.Requests(rules(command.disk()).held(command.rule()));
    }

    @Override
    public Reply.Number release(RuleCommand.Release command) throws IOException {
        return new Reply.Number(rules(command.disk()).release(command.rule(), command.failing()));
    }

    @Override
    public Reply.Number awaitFired(RuleCommand.AwaitFired command) throws IOException {
        DiskRules rules = rules(command.disk());
        return new Reply.Number(Wait.out(() -> rules.awaitFired(command.rule(), command.times(), command.limit())));
    }

    @Override
    public Reply.Number awaitHeld(RuleCommand.AwaitHeld command) throws IOException {
        DiskRules rules = rules(command.disk());
        return new Reply.Number(Wait.out(() -> rules.awaitHeld(command.rule(), command.limit())));
    }
}
