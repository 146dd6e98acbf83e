package io.ublkdisk.junit.engine.report;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.control.FaultEvent;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.junit.CrashTest;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.support.AnnotationSupport;

/** What the disks of a failed test were and did: published with the test, as an entry and as a file. */
public final class FailureReport {
    private static final Namespace NAMESPACE = Namespace.create(FailureReport.class);
    private static final int FAULTS_SHOWN = 50;

    private FailureReport() {}

    /** Publishes it, once however many of our extensions a test has, and suppresses the verdict in the failure. */
    public static void publish(ExtensionContext context, Throwable failure, List<DiskHandle> disks) {
        if (context.getStore(NAMESPACE).get(context.getUniqueId()) != null) {
            return;
        }
        context.getStore(NAMESPACE).put(context.getUniqueId(), failure);
        boolean ofCrashStates = AnnotationSupport.isAnnotated(context.getTestMethod(), CrashTest.class);
        for (DiskHandle disk : disks) {
            String text = text(disk);
            if (!ofCrashStates) {
                DiskVerdict told = DiskVerdict.on(failure, disk);
                StandardOutput.verdict(told);
                text = told.before(text);
            }
            publish(context, disk, text);
        }
    }

    private static void publish(ExtensionContext context, DiskHandle disk, String text) {
        String name = "ublkdisk-" + disk.device().getFileName();
        TestFiles.publish(context, name, text, file -> bundle(context, disk, text, file));
    }

    private static void bundle(ExtensionContext context, DiskHandle disk, String text, Path file) throws IOException {
        new ReplayBundle(disk, context.getUniqueId()).write(file, text);
        context.publishReportEntry("ublkdisk.repeat", HowToRepeat.line(disk, file));
        context.getExecutionException().ifPresent(failure -> failure.addSuppressed(new HowToRepeat(disk, file)));
    }

    /** Returns plain lines: the disk, its seed, every rule with its hits, the counts, and the script that makes it so again. */
    public static String text(DiskHandle disk) {
        StringBuilder text = new StringBuilder(disk.toString());
        text.append("\nseed: ").append(disk.remote().seed());
        try {
            text.append("\nrules:").append(rules(disk));
            text.append("\nfaults:").append(faults(disk.faults().fired()));
            text.append("\nstats: ").append(disk.stats().fields());
        } catch (UncheckedIOException e) {
            text.append("\nno more is known: ").append(e.getCause().getMessage());
        }
        disk.daemons().forEach(daemon -> text.append("\n").append(daemon.report()));
        String script = disk.settings().spec().script();
        text.append("\nscript: ")
                .append(script.isEmpty() ? "none" : "\n" + script.indent(2).stripTrailing());
        return text.toString();
    }

    private static String faults(List<FaultEvent> fired) {
        if (fired.isEmpty()) {
            return " none was injected: an error that the test met is genuine";
        }
        int more = Math.max(0, fired.size() - FAULTS_SHOWN);
        return (more > 0 ? " " + more + " more, and then" : "")
                + fired.subList(more, fired.size()).stream()
                        .map(FailureReport::line)
                        .collect(Collectors.joining());
    }

    private static String line(FaultEvent fault) {
        String place = fault.lengthBytes() == 0 ? "" : " sectors " + fault.sector() + "+" + fault.lengthBytes() / 512;
        return "\n  after " + fault.time().toMillis() + " ms, request " + fault.request() + ", "
                + fault.operation().word() + place + ": rule " + fault.rule()
                + (fault.status() == BlockStatus.OK ? "" : ", " + fault.status())
                + (fault.change().isEmpty() ? "" : ", " + fault.change());
    }

    private static String rules(DiskHandle disk) {
        String lines =
                disk.faults().everyRule().stream().map(FailureReport::line).collect(Collectors.joining());
        String steps = disk.faults().steps().stream().map(step -> "\n  " + step).collect(Collectors.joining());
        return (lines.isEmpty() ? " none" : lines) + (steps.isEmpty() ? "" : "\ntimeline:" + steps);
    }

    private static String line(RuleReport rule) {
        return "\n  fired " + rule.fired() + " of " + rule.matched() + " matched: " + rule.text();
    }
}
