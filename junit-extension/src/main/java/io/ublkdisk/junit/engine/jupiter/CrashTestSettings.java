package io.ublkdisk.junit.engine.jupiter;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.junit.CrashTest;
import io.ublkdisk.junit.FileSystem;
import io.ublkdisk.junit.WriteBack;
import io.ublkdisk.junit.engine.campaign.CampaignSettings;
import io.ublkdisk.junit.engine.disk.DiskSettings;
import io.ublkdisk.script.Script;
import java.lang.reflect.Method;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Reads a {@link CrashTest} annotation, and refuses what cannot be done. */
final class CrashTestSettings {
    private CrashTestSettings() {}

    /**
     * Returns the tests of that method.
     *
     * @throws ExtensionConfigurationException naming the method, the attribute, its value and the remedy
     */
    static CrashTests tests(ExtensionContext context) {
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
        DiskSpec.Builder spec = DiskSpec.builder()
                .size(crash.size())
                .fileSystem(io.ublkdisk.control.FileSystem.valueOf(crash.mount().name()));
        if (!crash.mountOptions().isEmpty()) {
            spec.mountOptions(crash.mountOptions());
        }
        if (!crash.mkfsOptions().isEmpty()) {
            spec.mkfsOptions(crash.mkfsOptions());
        }
        Script none = Script.ofRules(OptionalLong.empty(), List.of());
        return new DiskSettings(place, DiskSettings.withFaults(spec, none), false, false);
    }
}
