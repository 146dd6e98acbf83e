package io.ublkdisk.server;

import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.cache.WriteOutcome;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.protocol.StepReport;
import io.ublkdisk.script.Script;
import io.ublkdisk.script.Step;
import io.ublkdisk.script.StepAction;
import io.ublkdisk.script.StepTrigger;
import io.ublkdisk.server.log.Log;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs the steps of a disk's scripts when their moments come, each once. The rules without a moment are armed at the start,
 * all of them or none.
 *
 * <p>A step for a request or a firing is done on the queue thread, before that request goes any further: {@code at flush 3
 * power-cut} fails the third flush. A step for a time is done by a thread of this object, one for a mark by who sets it.
 *
 * <p>A step that cannot be done, for instance a rule whose name is taken by then, says so in the log and in {@link #reports}.
 */
public final class ScriptRunner {
    /** A step that waits, or has had its moment. */
    private static final class Waiting {
        final Step step;
        final AtomicBoolean begun = new AtomicBoolean();
        final AtomicLong arrived = new AtomicLong();
        volatile String state = StepReport.WAITING;
        /** Of the rule that was armed. */
        volatile String rule = "";

        Waiting(Step step) {
            this.step = step;
            if (step.command() instanceof StepAction.Arm arm) {
                rule = arm.rule().name();
            }
        }
    }

    private final Drive drive;
    private final List<Waiting> steps = new CopyOnWriteArrayList<>();
    private final Map<String, RuleReport> cleared = new ConcurrentHashMap<>();
    private ScheduledExecutorService clock;

    ScriptRunner(Drive drive) {
        this.drive = drive;
    }

    /** Begins a script beside the running ones. @return the names of the rules that are armed now */
    synchronized List<String> begin(Script script) {
        List<String> names = drive.rules().addAll(script.armedAtStart());
        for (Step step : script.timeline()) {
            Waiting waiting = new Waiting(step);
            steps.add(waiting);
            if (step.moment() instanceof StepTrigger.After after) {
                if (clock == null) {
                    clock = Executors.newSingleThreadScheduledExecutor(run -> {
                        Thread thread = new Thread(run, "ublkdisk-timeline");
                        thread.setDaemon(true);
                        return thread;
                    });
                }
                clock.schedule(() -> run(waiting), after.nanos(), TimeUnit.NANOSECONDS);
            }
        }
        listen();
        return names;
    }

    /** Forgets all steps, those done and those to come. */
    synchronized void end() {
        steps.clear();
        cleared.clear();
        listen();
        if (clock != null) {
            clock.shutdownNow();
            clock = null;
        }
    }

    /** Tells that a mark is set. @return how many steps had waited for it */
    int mark(String text) {
        int done = 0;
        for (Waiting waiting : steps) {
            if (waiting.step.moment().equals(new StepTrigger.AtMark(text)) && run(waiting)) {
                done++;
            }
        }
        return done;
    }

    /** Returns each step with a moment, and what has become of it. */
    List<StepReport> reports() {
        return steps.stream()
                .map(w -> new StepReport(w.step.toString(), w.rule, w.state))
                .toList();
    }

    /** Returns the rules that steps have taken away, with their last counts; of a name that was used twice the last. */
    List<RuleReport> cleared() {
        return List.copyOf(cleared.values());
    }

    /** Looks at requests only while a step waits for one. */
    private void listen() {
        drive.requests().onArrival(has(StepTrigger.AtRequest.class) ? this::arrived : null);
        drive.rules().onFired(has(StepTrigger.WhenFires.class) ? (rule, request) -> fired(rule) : null);
    }

    private boolean has(Class<? extends StepTrigger> moment) {
        return steps.stream().anyMatch(w -> moment.isInstance(w.step.moment()));
    }

    private long arrived(Request request) {
        for (Waiting waiting : steps) {
            if (waiting.step.moment() instanceof StepTrigger.AtRequest at
                    && isOf(request, at.kind())
                    && waiting.arrived.incrementAndGet() == at.number()) {
                run(waiting);
            }
        }
        return 0;
    }

    private static boolean isOf(Request request, Kind kind) {
        return kind.operations().contains(request.operation())
                && (kind.flag() == 0 || (request.flags() & kind.flag()) != 0);
    }

    private void fired(Rule rule) {
        for (Waiting waiting : steps) {
            if (waiting.step.moment() instanceof StepTrigger.WhenFires when
                    && when.ruleName().equals(rule.name())) {
                run(waiting);
            }
        }
    }

    private boolean run(Waiting waiting) {
        if (!waiting.begun.compareAndSet(false, true)) {
            return false;
        }
        try {
            run(waiting, waiting.step.command());
            waiting.state = StepReport.DONE;
        } catch (RuntimeException e) {
            waiting.state = "not done: " + e.getMessage();
            Log.say("\"" + waiting.step + "\": " + e.getMessage());
        }
        return true;
    }

    private void run(Waiting waiting, StepAction command) {
        if (command instanceof StepAction.Arm arm) {
            waiting.rule = drive.rules().addAll(List.of(arm.rule())).get(0);
        } else if (command instanceof StepAction.Clear clear) {
            clear(clear.ruleName());
        } else if (command instanceof StepAction.Release release) {
            release(release.ruleName());
        } else if (command instanceof StepAction.PowerCut cut) {
            drive.powerCut(survivalPolicy(cut, drive.rules().seed()));
        } else {
            drive.cache().powerOn();
        }
    }

    private void clear(String name) {
        drive.rules().reports().stream()
                .filter(rule -> name.isEmpty() || rule.name().equals(name))
                .forEach(rule -> cleared.put(rule.name(), rule));
        if (name.isEmpty()) {
            drive.rules().clear();
            drive.link().releaseHeld();
        } else {
            drive.rules().remove(name);
            drive.link().releaseHeld(name);
        }
    }

    /** @param name empty for all rules */
    private void release(String name) {
        if (name.isEmpty()) {
            drive.rules().reports().forEach(rule -> drive.rules().release(rule.name()));
            drive.link().releaseHeld();
        } else {
            drive.rules().release(name);
            drive.link().releaseHeld(name);
        }
    }

    /** Returns what the words of a power cut mean. */
    public static SurvivalPolicy survivalPolicy(StepAction.PowerCut cut, long seed) {
        SurvivalPolicy kept;
        if (cut.keep() instanceof StepAction.Keep.All) {
            kept = SurvivalPolicy.all();
        } else if (cut.keep() instanceof StepAction.Keep.Random random) {
            kept = SurvivalPolicy.random(random.probability(), seed);
        } else if (cut.keep() instanceof StepAction.Keep.First first) {
            kept = SurvivalPolicy.first(first.writes());
        } else if (cut.keep() instanceof StepAction.Keep.Only only) {
            kept = SurvivalPolicy.only(only.sequences());
        } else {
            kept = SurvivalPolicy.none();
        }
        return cut.torn()
                .map(torn -> kept.torn(
                        1,
                        SurvivalPolicy.Tear.valueOf(torn.side().name()),
                        WriteOutcome.Rest.valueOf(torn.rest().name()),
                        seed,
                        (int) Sectors.ofBytes(torn.atomicBytes())))
                .orElse(kept);
    }
}
