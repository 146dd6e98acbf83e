package io.ublkdisk.junit;

import io.ublkdisk.control.RemoteRecording.SampledState;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    private final List<List<Object>> arguments;
    private final DiskSettings disk;
    private final CampaignSettings settings;
    private final CampaignLog log;

    /** How many tests there were. */
    private int given;
    /** How many runs. */
    private int runs;
    /** Null between two campaigns. */
    private CrashRunTest run;
    /** How many of its states were given. */
    private int states;

    /**
     * @param template the context of the method
     * @param name of the method, for messages
     * @param arguments of each run
     */
    CrashTests(
            ExtensionContext template,
            String name,
            RunMethod program,
            List<List<Object>> arguments,
            DiskSettings disk,
            CampaignSettings settings) {
        this.template = template;
        this.name = name;
        this.program = program;
        this.arguments = arguments;
        this.disk = disk;
        this.settings = settings;
        this.log = log(template);
    }

    /** Where the build keeps the files of tests; without such a place there is no log. */
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
        return runs < arguments.size();
    }

    @Override
    public TestTemplateInvocationContext next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        given++;
        if (run == null) {
            List<Object> with = arguments.get(runs++);
            CrashCampaign campaign = new CrashCampaign(name + words(with), settings, log);
            run = new CrashRunTest(template, given, program, with, disk, campaign);
            states = 0;
            return run;
        }
        SampledState state = run.statesAfterRun().get(states++);
        return new CrashStateTest(given, run, state);
    }

    private String words(List<Object> with) {
        return arguments.size() == 1 && with.isEmpty() ? "" : RunArguments.print(with);
    }

    private void endRun() {
        if (run != null) {
            CrashRunTest was = run;
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
        CrashRunTest now = run;
        if (now != null) {
            now.campaign().release();
        }
    }

    @Override
    public void close() {
        endRun();
    }
}
