package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.fault.Condition;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.script.Script;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Why a rule did not fire, found by comparing what it is about with the requests that the disk got. */
final class WhyNotFired {
    private static final String EVICT =
            "what the page cache has is not asked of the disk: call evict() or remount() before reading";
    private static final String FORCE = "what is written stays in the page cache for a while: force() it";

    private final RuleReport report;
    private final Rule rule;
    /** Of the rule's kinds. */
    private final List<Entry> ofKind;

    private WhyNotFired(RuleReport report, Rule rule, List<Entry> journal) {
        this.report = report;
        this.rule = rule;
        this.ofKind = journal.stream()
                .filter(entry -> entry.kind() == Entry.Kind.REQUEST && isOfKind(entry))
                .toList();
    }

    /**
     * Returns the reason, in one line.
     *
     * @param journal the disk's journal of the time in which the rule was to fire
     */
    static String of(RuleReport report, List<Entry> journal) {
        try {
            WhyNotFired why = new WhyNotFired(report, Script.parseRule(report.text()), journal);
            return report.matched() > 0 ? why.left() : "no request was in its scope: " + why.reason();
        } catch (IllegalArgumentException waitsForItsMoment) {
            return "it was never armed: its moment did not come";
        }
    }

    /** Returns why a rule with requests in its scope has not fired. */
    private String left() {
        return counted(report.matched(), "request") + (report.matched() == 1 ? " was" : " were")
                + " in its scope, and it fired for none of them: compare nth, every, after and probability with that number";
    }

    private String reason() {
        if (ofKind.isEmpty()) {
            return "no " + kinds() + " reached the disk: " + remedy();
        }
        List<Entry> there = ofKind.stream().filter(this::touches).toList();
        if (there.isEmpty()) {
            return "of " + counted(ofKind.size(), kinds())
                    + " that reached the disk none touched its sectors (the nearest: " + Verdict.request(nearest())
                    + "); " + remedy();
        }
        Optional<Entry> failedBefore = there.stream()
                .filter(entry ->
                        entry.status() != BlockStatus.OK && !entry.rule().isEmpty())
                .filter(entry -> !entry.rule().equals(report.name()))
                .findFirst();
        if (failedBefore.isPresent()) {
            return "rule '" + failedBefore.get().rule() + "' failed " + Verdict.request(failedBefore.get())
                    + " before it: a rule that fails a request is the last one consulted";
        }
        if (containing()) {
            return "none of " + counted(there.size(), kinds())
                    + " contained that text: is the data compressed or encoded," + " or split over two requests?";
        }
        if (!rule.scope().conditions().isEmpty()) {
            return "none of " + counted(there.size(), kinds()) + " there was "
                    + rule.scope().conditions().stream().map(Condition::text).collect(Collectors.joining(" and "));
        }
        return "the " + counted(there.size(), kinds()) + " there came before it was armed; "
                + (operations().contains(Operation.READ) ? EVICT : FORCE);
    }

    private static String counted(long count, String word) {
        return count + " " + word + (count == 1 ? "" : word.endsWith("sh") ? "es" : "s");
    }

    private boolean isOfKind(Entry entry) {
        return rule.scope().kinds().stream()
                .anyMatch(kind -> kind.operations().contains(entry.operation())
                        && (kind.flag() == 0 || (entry.flags() & kind.flag()) != 0));
    }

    private Set<Operation> operations() {
        EnumSet<Operation> all = EnumSet.noneOf(Operation.class);
        rule.scope().kinds().forEach(kind -> all.addAll(kind.operations()));
        return all;
    }

    /** Returns the word for the requests that it is about. */
    private String kinds() {
        Set<Kind> kinds = rule.scope().kinds();
        return kinds.equals(Set.of(Kind.ANY))
                ? "request"
                : kinds.stream().map(Kind::word).collect(Collectors.joining(" or "));
    }

    private String remedy() {
        Set<Kind> kinds = rule.scope().kinds();
        if (kinds.contains(Kind.READ)) {
            return EVICT;
        }
        return kinds.contains(Kind.FLUSH) || kinds.contains(Kind.FUA)
                ? "nothing was forced; force() or fsync makes the kernel flush"
                : FORCE;
    }

    private boolean touches(Entry entry) {
        if (rule.scope().sectors().isEmpty() || entry.sectorCount() == 0) {
            return true;
        }
        return distance(entry) == 0;
    }

    private Entry nearest() {
        return ofKind.stream().min(Comparator.comparingLong(this::distance)).orElseThrow();
    }

    /** Returns the distance in sectors; 0 if they touch. */
    private long distance(Entry entry) {
        Ranges sectors = rule.scope().sectors().orElseThrow();
        long first = entry.sector();
        long last = first + Math.max(1, entry.sectorCount()) - 1;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < sectors.count(); i++) {
            long gap = last < sectors.first(i) ? sectors.first(i) - last : Math.max(0, first - sectors.last(i));
            least = Math.min(least, gap);
        }
        return least;
    }

    private boolean containing() {
        return rule.scope().conditions().stream().anyMatch(Condition.Containing.class::isInstance);
    }
}
