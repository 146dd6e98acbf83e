package io.ublkdisk.junit.engine.jqwik;

import io.ublkdisk.junit.Disk;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import io.ublkdisk.junit.engine.report.DiskVerdict;
import io.ublkdisk.junit.engine.report.FailureReport;
import io.ublkdisk.junit.engine.report.HowToRepeat;
import io.ublkdisk.junit.engine.report.ReplayBundle;
import io.ublkdisk.junit.engine.report.StandardOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Reporter;
import net.jqwik.api.lifecycle.TryLifecycleContext;

/**
 * What the disks of a property were and did in a try that has failed, with a replay bundle of each. A failing property is tried
 * on, with ever smaller samples: the last that fails is the one that is reported, and its bundle takes the place of the others'.
 */
public final class FailedTry {
    private static final int LONGEST_SAMPLE = 1_000;

    private final List<String> reports = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final List<DiskVerdict> verdicts = new ArrayList<>();
    private final List<Path> bundles = new ArrayList<>();

    /** Writes the bundles, and suppresses how to repeat it in the failure. */
    public FailedTry(TryLifecycleContext context, List<Object> parameters, List<DiskHandle> disks, Throwable failure) {
        String test = name(context, ".") + "(" + sample(parameters) + ")";
        for (DiskHandle disk : disks) {
            DiskVerdict told = DiskVerdict.on(failure, disk);
            verdicts.add(told);
            String report = told.before(FailureReport.text(disk));
            reports.add(report);
            try {
                Path bundle = folder().resolve("ublkdisk-" + name(context, "-") + "-"
                        + disk.device().getFileName() + ".zip");
                new ReplayBundle(disk, test).write(bundle, report);
                lines.add(HowToRepeat.line(disk, bundle));
                failure.addSuppressed(new HowToRepeat(disk, bundle));
                bundles.add(bundle);
            } catch (IOException e) {
                lines.add("not written: " + e.getMessage());
            }
        }
    }

    private static String name(TryLifecycleContext context, String between) {
        return context.containerClass().getSimpleName()
                + between
                + context.targetMethod().getName();
    }

    private static String sample(List<Object> parameters) {
        String sample = parameters.stream()
                .filter(parameter -> !(parameter instanceof Disk))
                .map(String::valueOf)
                .collect(Collectors.joining(", "));
        return sample.substring(0, Math.min(sample.length(), LONGEST_SAMPLE));
    }

    /** jqwik has no place for files: where the build has its own, or the folder in which it runs. */
    private static Path folder() throws IOException {
        Path output = Stream.of("target", "build")
                .map(Path::of)
                .filter(Files::isDirectory)
                .findFirst()
                .orElse(Path.of(""));
        return Files.createDirectories(output.resolve("ublkdisk"));
    }

    public void publish(Reporter reporter) {
        reports.forEach(report -> reporter.publishValue("ublkdisk", report));
        verdicts.forEach(StandardOutput::verdict);
        bundles.forEach(StandardOutput::attachment);
        lines.forEach(line -> reporter.publishValue("ublkdisk.repeat", line));
    }
}
