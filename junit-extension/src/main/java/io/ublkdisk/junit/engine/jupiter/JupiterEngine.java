package io.ublkdisk.junit.engine.jupiter;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.junit.Daemon;
import io.ublkdisk.junit.Disk;
import io.ublkdisk.junit.Engine;
import io.ublkdisk.junit.engine.disk.DaemonProcess;
import io.ublkdisk.junit.engine.disk.DiskFactory;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import io.ublkdisk.junit.engine.disk.DiskSettings;
import io.ublkdisk.junit.engine.disk.FaultSource;
import io.ublkdisk.junit.engine.disk.ServerWatchdog;
import io.ublkdisk.junit.engine.disk.UnavailablePolicy;
import io.ublkdisk.junit.engine.process.Uninterrupted;
import io.ublkdisk.junit.engine.report.Aborted;
import io.ublkdisk.junit.engine.report.FailureReport;
import io.ublkdisk.script.Script;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The {@link Engine} for JUnit Jupiter. The disks of each context are its {@link ContextDisks}. */
public final class JupiterEngine implements Engine {
    private static final Namespace NAMESPACE = Namespace.create(JupiterEngine.class);

    /** Called by the service loader only. */
    public JupiterEngine() {}

    @Override
    public Optional<String> reasonToSkip(ExtensionContext context) {
        return UnavailablePolicy.skips(context.getConfigurationParameter(UnavailablePolicy.PARAMETER))
                ? DiskFactory.missing(context.getDisplayName())
                : Optional.empty();
    }

    /** Begins the observations anew: what the disks of the class did before is no part of the test. */
    @Override
    public void beginTest(ExtensionContext test) {
        Uninterrupted.run(() -> disks(test).forEach(disk -> disk.observations().begin()));
    }

    @Override
    public void injectFields(ExtensionContext context, boolean ofClass) {
        if (ofClass) {
            inject(DiskSettings.fields(context.getRequiredTestClass(), true), null, context);
            return;
        }
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            List<Field> fields = DiskSettings.fields(instance.getClass(), false);
            if (!fields.isEmpty()) {
                refuseSharedInstance(fields.get(0), context);
                inject(fields, instance, context);
            }
        }
    }

    private static void inject(List<Field> fields, Object instance, ExtensionContext context) {
        for (Field field : fields) {
            DiskSettings settings =
                    DiskSettings.on(field, context.getRequiredTestClass()).orElseThrow();
            DiskSettings.assign(field, instance, ContextDisks.of(context).make(settings));
        }
    }

    /** Tests that share an instance and run at the same time would take each other's field. */
    private static void refuseSharedInstance(Field field, ExtensionContext context) {
        boolean shared = context.getTestInstanceLifecycle()
                .filter(Lifecycle.PER_CLASS::equals)
                .isPresent();
        if (shared && context.getExecutionMode() == ExecutionMode.CONCURRENT) {
            throw new ExtensionConfigurationException("@UblkDisk on field '" + field.getName() + "' of "
                    + field.getDeclaringClass().getSimpleName()
                    + ": its tests run at the same time on one instance (PER_CLASS, CONCURRENT) and each would get a disk"
                    + " of its own in the same field; use a parameter, or a static field for one disk");
        }
    }

    @Override
    public Disk disk(ParameterContext parameter, ExtensionContext context) {
        DiskSettings settings = DiskSettings.on(parameter.getParameter(), context.getRequiredTestClass())
                .orElseThrow();
        return ContextDisks.of(context).make(settings);
    }

    @Override
    public DiskMaker maker(DiskSpec.Builder spec, List<String> faults, boolean lenient, boolean recorded) {
        Script script = FaultSource.script(faults, Thread.currentThread().getContextClassLoader());
        DiskSettings settings =
                new DiskSettings("a registered extension", DiskSettings.withFaults(spec, script), lenient, recorded);
        return (context, whenGone) -> ContextDisks.of(context).make(settings, whenGone);
    }

    @Override
    public <T> T watch(Invocation<T> code, ExtensionContext context) throws Throwable {
        return ServerWatchdog.over(disks(context), code::proceed);
    }

    @Override
    public void clearFaults(ExtensionContext context) throws Exception {
        for (DiskHandle disk : disks(context)) {
            disk.observations().noteWaiting();
            disk.faults().clear();
        }
    }

    @Override
    public void reportFailure(ExtensionContext context, Throwable failure) {
        if (context.getTestMethod().isPresent()) {
            context.getParent().map(ContextDisks::around).ifPresent(outer -> outer.forEach(ContextDisks::markFailed));
        }
        if (!Aborted.is(failure)) {
            Uninterrupted.run(() -> FailureReport.publish(context, failure, disks(context)));
        }
    }

    private static List<DiskHandle> disks(ExtensionContext context) {
        return ContextDisks.around(context).stream()
                .flatMap(disks -> disks.disks().stream())
                .collect(Collectors.toList());
    }

    @Override
    public Stream<TestTemplateInvocationContext> crashTests(ExtensionContext method) {
        CrashTests tests = CrashTestSettings.tests(method);
        method.getStore(NAMESPACE).put(CrashTests.class, tests);
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(tests, Spliterator.ORDERED), false);
    }

    @Override
    public void releaseCrashTests(ExtensionContext method) {
        CrashTests tests = method.getStore(NAMESPACE).get(CrashTests.class, CrashTests.class);
        if (tests != null) {
            tests.release();
        }
    }

    @Override
    public Daemon daemon(Disk disk, String... command) {
        return DaemonProcess.on(disk, command);
    }

    @Override
    public Daemon daemon(Path folder, String... command) {
        return DaemonProcess.in(folder, command);
    }
}
