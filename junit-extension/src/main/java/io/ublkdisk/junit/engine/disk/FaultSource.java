package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.script.Script;
import io.ublkdisk.script.Step;
import io.ublkdisk.script.StepAction;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Where the rules of an annotation come from: its own text, a resource on the class path, or a file. */
public final class FaultSource {
    private static final String CLASSPATH = "classpath:";
    private static final String FILE = "file:";

    private FaultSource() {}

    /**
     * Returns all of them as one script, each read on its own first, so that an error names its own source, line and column.
     *
     * @throws IllegalArgumentException if one cannot be found, is no script, or does not go with the others
     */
    public static Script script(List<String> sources, ClassLoader resources) {
        OptionalLong seed = OptionalLong.empty();
        List<Step> steps = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String source : sources) {
            Script script = parse(source, resources);
            if (script.seed().isPresent()) {
                if (seed.isPresent()) {
                    throw new IllegalArgumentException(
                            "faults: two of the sources have a seed; leave one out, or give seed in the annotation");
                }
                seed = script.seed();
            }
            for (Step step : script.steps()) {
                if (step.command() instanceof StepAction.Arm arm
                        && !arm.rule().name().isEmpty()
                        && !names.add(arm.rule().name())) {
                    throw new IllegalArgumentException(
                            "faults: two rules are named '" + arm.rule().name() + "'; choose another name for one");
                }
                steps.add(step);
            }
        }
        return new Script(seed, steps);
    }

    /** Returns one source: text of the language, {@code classpath:NAME} or {@code file:PATH}. */
    static Script parse(String source, ClassLoader resources) {
        if (source.startsWith(CLASSPATH)) {
            return Script.parse(resource(source, resources), source);
        }
        if (source.startsWith(FILE)) {
            Path path = Path.of(source.substring(FILE.length()));
            return Script.parse(file(path), path.toString());
        }
        return Script.parse(source, "faults");
    }

    private static String resource(String source, ClassLoader resources) {
        String name = source.substring(CLASSPATH.length()).replaceFirst("^/", "");
        try (InputStream in = resources.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("faults \"" + source + "\": there is no " + name
                        + " on the class path; is it in a resources folder?");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException("faults \"" + source + "\" cannot be read: " + unreadable, unreadable);
        }
    }

    private static String file(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "faults \"file:" + path + "\" cannot be read: " + unreadable + " (looked in "
                            + path.toAbsolutePath().getParent() + ")",
                    unreadable);
        }
    }
}
