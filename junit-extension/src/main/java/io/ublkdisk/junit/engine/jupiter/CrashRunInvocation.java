package io.ublkdisk.junit.engine.jupiter;

import io.ublkdisk.control.RemoteRecording.SampledState;
import io.ublkdisk.junit.CrashTest;
import io.ublkdisk.junit.engine.campaign.CrashCampaign;
import io.ublkdisk.junit.engine.disk.DiskCleanup;
import io.ublkdisk.junit.engine.disk.DiskFactory;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import io.ublkdisk.junit.engine.disk.DiskPreparation;
import io.ublkdisk.junit.engine.disk.DiskSettings;
import io.ublkdisk.junit.engine.disk.ServerWatchdog;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.JUnitException;

/** The run of a {@link CrashTest}'s program as a test: it fails if the program does, and without it there is no state. */
public final class CrashRunInvocation extends CrashInvocation {
    private final ExtensionContext template;
    private final int number;
    private final RunMethod program;
    private final List<Object> arguments;
    private final String distinction;
    private final DiskSettings settings;
    private final CrashCampaign campaign;
    /** Null before the run. */
    private DiskHandle disk;

    private boolean begun;

    /** @param distinction what tells it from the other runs of the method; may be empty */
    CrashRunInvocation(
            ExtensionContext template,
            int number,
            RunMethod program,
            List<Object> arguments,
            String distinction,
            DiskSettings settings,
            CrashCampaign campaign) {
        super(campaign.shown(), arguments);
        this.template = template;
        this.number = number;
        this.program = program;
        this.arguments = arguments;
        this.distinction = distinction;
        this.settings = settings;
        this.campaign = campaign;
    }

    CrashCampaign campaign() {
        return campaign;
    }

    List<Object> arguments() {
        return arguments;
    }

    /** Returns the name of one of its states among those of all runs. */
    String name(String state) {
        return distinction.isEmpty() ? state : distinction + " " + state;
    }

    DiskHandle disk() {
        return disk;
    }

    /** Returns how the run is called: as its method, with its arguments and what is written back. */
    private String words() {
        return program.name() + "()" + (distinction.isEmpty() ? "" : " " + distinction);
    }

    @Override
    public String getDisplayName(int index) {
        return "run: " + words();
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> check, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        check.skip();
        begun = true;
        if (!hasGivenDisk()) {
            throw new ExtensionConfigurationException(settings.place()
                    + ": the check gets no disk, so it can look at none; declare a parameter of type CrashedDisk, and read"
                    + " under its mountPoint()");
        }
        run(method.getTarget().orElse(null));
    }

    private void run(Object instance) throws Throwable {
        begun = true;
        disk = DiskFactory.make(settings);
        if (DiskPreparation.areAround(template, disk)) {
            DiskPreparation.prepareNext(template, disk);
        }
        ServerWatchdog.over(List.of(disk), () -> {
            campaign.record(number, disk, words(), run -> program.invoke(instance, run, arguments));
            return null;
        });
    }

    /** Returns the states of the run, which is done now if it was left out: when one state alone is chosen, for instance. */
    List<SampledState> statesAfterRun() {
        if (!begun) {
            if (program.needsInstance()) {
                throw new JUnitException(settings.place() + ": the run " + program.name()
                        + " is not static and was left out; run the whole method, or make it static");
            }
            try {
                run(null);
            } catch (Throwable failure) {
                throw new JUnitException(
                        "the run " + words() + " fails, so there is nothing to check: " + failure, failure);
            }
        }
        return campaign.states();
    }

    void close() throws IOException {
        if (disk != null) {
            DiskHandle was = disk;
            disk = null;
            try {
                campaign.close();
            } finally {
                Optional<Throwable> wrong =
                        DiskCleanup.take(was, campaign.hasPassed(), DiskPreparation.areAround(template, was));
                DiskCleanup.raise(wrong.map(List::of).orElse(List.of()));
            }
        }
    }
}
