package io.ublkdisk.junit.engine.jupiter;

import io.ublkdisk.control.RemoteRecording.SampledState;
import io.ublkdisk.junit.engine.campaign.CrashCampaign;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import io.ublkdisk.junit.engine.disk.ServerWatchdog;
import io.ublkdisk.junit.engine.report.HowToRepeat;
import io.ublkdisk.junit.engine.report.ReplayBundle;
import io.ublkdisk.junit.engine.report.TestFiles;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.ReflectionSupport;

/** The check of one crash state as a test. */
final class CrashStateInvocation extends CrashInvocation {
    private final int number;
    private final CrashRunInvocation run;
    private final SampledState state;

    CrashStateInvocation(int number, CrashRunInvocation run, SampledState state) {
        super(run.campaign().shown(), run.arguments());
        this.number = number;
        this.run = run;
        this.state = state;
    }

    @Override
    public String getDisplayName(int index) {
        return run.name(state.id());
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> check, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        Object[] arguments = method.getArguments().toArray();
        boolean[] proceeded = {false};
        try {
            ServerWatchdog.over(List.of(run.disk()), () -> {
                run.campaign()
                        .test(
                                number,
                                getDisplayName(number),
                                state,
                                () -> {
                                    proceeded[0] = true;
                                    check.proceed();
                                },
                                () -> ReflectionSupport.invokeMethod(
                                        method.getExecutable(),
                                        method.getTarget().orElse(null),
                                        arguments),
                                (disk, about, text, failure) -> publish(context, disk, about, text, failure));
                return null;
            });
        } finally {
            if (!proceeded[0]) {
                check.skip();
            }
        }
    }

    /** Publishes what there is to say of a state that failed, and its bundle. */
    private static void publish(
            ExtensionContext context,
            DiskHandle disk,
            CrashCampaign.FailedState about,
            String text,
            Throwable failure) {
        TestFiles.publish(context, "ublkdisk-crash-state", text, file -> {
            HowToRepeat line = ReplayBundle.ofCrashState(disk, about, context.getUniqueId(), file, text);
            failure.addSuppressed(line);
            context.publishReportEntry("ublkdisk.repeat", line.getMessage());
        });
    }
}
