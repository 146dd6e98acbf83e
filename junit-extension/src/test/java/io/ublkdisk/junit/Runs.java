package io.ublkdisk.junit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.OutputDirectoryCreator;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** Fixture classes run from outside by the platform's test kit, and what became of their tests. */
public final class Runs {
    private final EngineExecutionResults results;

    private Runs(EngineExecutionResults results) {
        this.results = results;
    }

    /** Runs them with Jupiter. */
    public static Runs of(DiscoverySelector... selectors) {
        return with(Map.of(), selectors);
    }

    /** Runs them with Jupiter and those configuration parameters. */
    static Runs with(Map<String, String> parameters, DiscoverySelector... selectors) {
        return new Runs(EngineTestKit.engine("junit-jupiter")
                .configurationParameters(parameters)
                .selectors(selectors)
                .outputDirectoryCreator(new Output())
                .execute());
    }

    /** Runs them with jqwik, which otherwise prints its reports past the platform. */
    static Runs jqwik(DiscoverySelector... selectors) {
        return new Runs(EngineTestKit.engine("jqwik")
                .configurationParameter("jqwik.reporting.usejunitplatform", "true")
                .selectors(selectors)
                .execute());
    }

    public Events tests() {
        return results.testEvents();
    }

    /** Every test has passed, and there were that many; a failure is told with its message. */
    void assertAllPassed(int count) {
        results.allEvents().failed().stream().forEach(event -> {
            throw new AssertionError(event.getTestDescriptor().getDisplayName() + " failed", thrown(event));
        });
        tests().assertStatistics(all -> all.started(count).succeeded(count));
    }

    /** Why the test or container failed whose display name begins so. */
    public Throwable failureOf(String name) {
        return results.allEvents().failed().stream()
                .filter(event -> named(event, name))
                .findFirst()
                .map(Runs::thrown)
                .orElseThrow(() -> new AssertionError(name + " did not fail; what happened: "
                        + results.allEvents().finished().list()));
    }

    /** Why the test was aborted or skipped whose display name begins so. */
    String reasonOf(String name) {
        Stream<Optional<String>> aborted = results.allEvents().aborted().stream()
                .filter(event -> named(event, name))
                .map(event -> Optional.ofNullable(thrown(event).getMessage()));
        Stream<Optional<String>> skipped = results.allEvents().skipped().stream()
                .filter(event -> named(event, name))
                .map(event -> event.getPayload(String.class));
        return Stream.concat(aborted, skipped)
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " was neither aborted nor skipped"));
    }

    /** All that the tests published, key and value on a line. */
    String published() {
        return results.allEvents().reportingEntryPublished().stream()
                .map(event -> event.getRequiredPayload(ReportEntry.class))
                .flatMap(entry -> entry.getKeyValuePairs().entrySet().stream())
                .map(pair -> pair.getKey() + ": " + pair.getValue())
                .collect(Collectors.joining("\n"));
    }

    Events filesPublished() {
        return results.allEvents().fileEntryPublished();
    }

    long containersFailed() {
        return results.containerEvents().failed().count();
    }

    /** All messages of an error, its causes and what is suppressed in it, for what may stand at any of these places. */
    public static String everythingIn(Throwable error) {
        return error + "\n"
                + Arrays.stream(error.getSuppressed()).map(Runs::everythingIn).collect(Collectors.joining())
                + (error.getCause() == null ? "" : everythingIn(error.getCause()));
    }

    private static boolean named(Event event, String name) {
        String display = event.getTestDescriptor().getDisplayName();
        return display.equals(name) || display.startsWith(name + "(") || display.endsWith("$" + name);
    }

    /** Where published files go. */
    private static final class Output implements OutputDirectoryCreator {
        @Override
        public Path getRootDirectory() {
            return Path.of("target", "published").toAbsolutePath();
        }

        @Override
        public Path createOutputDirectory(TestDescriptor test) throws IOException {
            return Files.createDirectories(getRootDirectory()
                    .resolve(Integer.toHexString(test.getUniqueId().hashCode())));
        }
    }

    private static Throwable thrown(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
    }

    /** Returns what is written to standard output meanwhile. */
    public static String standardOutputOf(Runnable runs) {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            runs.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Returns the files that standard output names for CI servers. */
    public static List<Path> attachments(String standardOutput) {
        return Pattern.compile("^\\[\\[ATTACHMENT\\|(/.*)]]$", Pattern.MULTILINE)
                .matcher(standardOutput)
                .results()
                .map(attachment -> Path.of(attachment.group(1)))
                .toList();
    }
}
