package io.ublkdisk.junit;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.script.Script;
import java.lang.reflect.Method;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.PreInterruptContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** The extension behind {@link CrashTest}: a test that runs the program, and one for each of its crash states. */
final class CrashTestExtension extends DiskLifecycle implements TestTemplateInvocationContextProvider {
    private static final Namespace NAMESPACE = Namespace.create(CrashTestExtension.class);
    private static final String CAMPAIGNS = "campaigns";

    CrashTestExtension() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), CrashTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        CrashTests tests = tests(context);
        context.getStore(NAMESPACE).put(CAMPAIGNS, tests);
        // One by one: which states there are is known only when the run before them has ended.
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(tests, Spliterator.ORDERED), false);
    }

    private static CrashTests tests(ExtensionContext context) {
        Method check = context.getRequiredTestMethod();
        Class<?> test = context.getRequiredTestClass();
        CrashTest crash =
                AnnotationSupport.findAnnotation(check, CrashTest.class).orElseThrow();
        String name = test.getSimpleName() + "." + check.getName();
        String place = "@CrashTest " + name;
        try {
            List<List<Object>> arguments = RunArguments.of(test, crash.arguments());
            int fewest = arguments.stream().mapToInt(List::size).min().orElse(0);
            return new CrashTests(
                    context,
                    name,
                    RunMethod.of(test, crash.run(), fewest),
                    arguments,
                    schedules(crash),
                    disk(crash, place),
                    campaign(crash));
        } catch (IllegalArgumentException wrong) {
            throw new ExtensionConfigurationException(place + ": " + wrong.getMessage(), wrong);
        }
    }

    private static List<WriteBack> schedules(CrashTest crash) {
        List<WriteBack> schedules = List.of(crash.writeBack());
        if (schedules.isEmpty() || Set.copyOf(schedules).size() < schedules.size()) {
            throw new IllegalArgumentException("writeBack = " + schedules
                    + ": name each schedule once, and one at least, for instance {NONE, SEEDED}");
        }
        return schedules;
    }

    private static CampaignSettings campaign(CrashTest crash) {
        if (crash.perEpoch() < 1) {
            throw new IllegalArgumentException("perEpoch = " + crash.perEpoch()
                    + ": no crash state would be checked; write 1 or more, 8 are usual");
        }
        int atomic = crash.atomicWriteBytes();
        if (atomic < 0 || atomic % 512 != 0) {
            throw new IllegalArgumentException("atomicWriteBytes = " + atomic
                    + ": write a multiple of 512, for instance 4096, or 0 for the logical block");
        }
        return new CampaignSettings(
                new Sample(crash.perEpoch(), crash.tears(), crash.seed(), atomic / 512),
                crash.fsck(),
                crash.shrinkTries(),
                crash.runLimitSeconds());
    }

    private static DiskSettings disk(CrashTest crash, String place) {
        if (crash.mount() == FileSystem.NONE) {
            throw new IllegalArgumentException(
                    "a crash test mounts its disks; choose a filesystem, for instance mount = EXT4");
        }
        DiskSpec.Builder spec = DiskSpec.builder().size(crash.size()).fileSystem(crash.mount());
        if (!crash.mountOptions().isEmpty()) {
            spec.mountOptions(crash.mountOptions());
        }
        if (!crash.mkfsOptions().isEmpty()) {
            spec.mkfsOptions(crash.mkfsOptions());
        }
        Script none = Script.ofRules(OptionalLong.empty(), List.of());
        return new DiskSettings(place, DiskSettings.withFaults(spec, none), false, false);
    }

    /** The report of a failing state is made when it fails, with the bytes of that state. */
    @Override
    public void afterEach(ExtensionContext context) {}

    @Override
    public void beforeThreadInterrupt(PreInterruptContext interrupt, ExtensionContext context) throws Exception {
        super.beforeThreadInterrupt(interrupt, context);
        CrashTests tests = context.getStore(NAMESPACE).get(CAMPAIGNS, CrashTests.class);
        if (tests != null) {
            tests.release();
        }
    }
}
