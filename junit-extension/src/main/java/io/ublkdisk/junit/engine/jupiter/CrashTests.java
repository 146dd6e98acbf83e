package io.ublkdisk.junit.engine.jupiter;

import io.ublkdisk.control.RemoteRecording.SampledState;
import io.ublkdisk.junit.CrashTest;
import io.ublkdisk.junit.WriteBack;
import io.ublkdisk.junit.engine.campaign.CampaignLog;
import io.ublkdisk.junit.engine.campaign.CampaignProof;
import io.ublkdisk.junit.engine.campaign.CampaignSettings;
import io.ublkdisk.junit.engine.campaign.CrashCampaign;
import io.ublkdisk.junit.engine.disk.DiskSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.MediaType;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.platform.commons.JUnitException;

/**
 * The tests of a {@link CrashTest} method, one after the other: for each list of arguments the run, and when that has ended its
 * crash states. There is one campaign at a time, and one disk.
 */
final class CrashTests implements Iterator<TestTemplateInvocationContext>, AutoCloseable {
    private final ExtensionContext template;
    private final String name;
    private final RunMethod program;
    private final List<Planned> planned;
    private final DiskSettings disk;
    private final CampaignSettings settings;
    private final CampaignLog log;

    /** A run to come. */
    private record Planned(List<Object> arguments, WriteBack writeBack, CampaignProof proof, boolean isLast) {}

    /** How many tests there were. */
    private int given;
    /** How many runs. */
    private int runs;
    /** Null between two campaigns. */
    private CrashRunInvocation run;
    /** How many of its states were given. */
    private int states;

    /**
     * @param template the context of the method
     * @param name of the method, for messages
     * @param arguments of each run
     * @param schedules under which each of these is done
     */
    CrashTests(
            ExtensionContext template,
            String name,
            RunMethod program,
            List<List<Object>> arguments,
            List<WriteBack> schedules,
            DiskSettings disk,
            CampaignSettings settings) {
        this.template = template;
        this.name = name;
        this.program = program;
        this.planned = plan(arguments, schedules);
        this.disk = disk;
        this.settings = settings;
        this.log = log(template);
    }

    private static List<Planned> plan(List<List<Object>> arguments, List<WriteBack> schedules) {
        List<Planned> all = new ArrayList<>();
        for (List<Object> with : arguments) {
            CampaignProof proof = new CampaignProof();
            for (int i = 0; i < schedules.size(); i++) {
                all.add(new Planned(with, schedules.get(i), proof, i == schedules.size() - 1));
            }
        }
        return all;
    }

    /** Returns where the build keeps the files of tests; without such a place there is no log. */
    private static CampaignLog log(ExtensionContext template) {
        AtomicReference<CampaignLog> log = new AtomicReference<>();
        try {
            template.publishFile(
                    "ublkdisk-crash-states.tsv", MediaType.TEXT_PLAIN_UTF_8, file -> log.set(new CampaignLog(file)));
        } catch (JUnitException nowhere) {
            log.set(CampaignLog.NOWHERE);
        }
        return log.get() == null ? CampaignLog.NOWHERE : log.get();
    }

    @Override
    public boolean hasNext() {
        if (run != null && states < run.statesAfterRun().size()) {
            return true;
        }
        endRun();
        return runs < planned.size();
    }

    @Override
    public TestTemplateInvocationContext next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        given++;
        if (run == null) {
            Planned next = planned.get(runs++);
            String words = words(next);
            CrashCampaign campaign =
                    new CrashCampaign(name, settings, next.writeBack(), next.proof(), next.isLast(), log);
            run = new CrashRunInvocation(template, given, program, next.arguments(), words, disk, campaign);
            states = 0;
            return run;
        }
        SampledState state = run.statesAfterRun().get(states++);
        return new CrashStateInvocation(given, run, state);
    }

    /** Returns what tells this run from the others in the names of tests; may be empty. */
    private static String words(Planned run) {
        String with = run.arguments().isEmpty() ? "" : RunArguments.print(run.arguments());
        return with
                + (run.writeBack() == WriteBack.NONE ? "" : with.isEmpty() ? run.writeBack() : " " + run.writeBack());
    }

    private void endRun() {
        if (run != null) {
            CrashRunInvocation was = run;
            run = null;
            try {
                was.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Lets go what the disk holds for a rule. */
    void release() {
        CrashRunInvocation now = run;
        if (now != null) {
            now.campaign().release();
        }
    }

    @Override
    public void close() {
        endRun();
    }
}
