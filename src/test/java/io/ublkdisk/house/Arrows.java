package io.ublkdisk.house;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which room (package) may use which. A sub-package is a room of its own: it inherits no arrow from the package above it. */
final class Arrows {
    private final String root;
    private final Map<String, Set<String>> mayUse;

    /**
     * Reads a drawing with a room a line: its name, a colon, and the rooms that it may use.
     *
     * @param root the package of all rooms, with a dot at its end
     */
    Arrows(String root, String drawing) {
        this.root = root;
        Map<String, Set<String>> arrows = new LinkedHashMap<>();
        for (String line : drawing.strip().split("\n")) {
            String[] parts = line.split(":", 2);
            String uses = parts[1].strip();
            arrows.put(parts[0].strip(), uses.isEmpty() ? Set.of() : new TreeSet<>(Arrays.asList(uses.split("\\s+"))));
        }
        this.mayUse = arrows;
    }

    /** Returns the packages that the drawing lacks, and the rooms in it that no package is. */
    Set<String> unknownRooms(JavaClasses classes) {
        Set<String> drawn = new TreeSet<>(mayUse.keySet());
        mayUse.values().forEach(drawn::addAll);
        Set<String> wrong = new TreeSet<>();
        Set<String> found = new TreeSet<>();
        for (JavaClass each : classes) {
            String room = room(each);
            found.add(room);
            if (!mayUse.containsKey(room)) {
                wrong.add(room + ": not in the drawing; say there what it may use");
            }
        }
        drawn.removeAll(found);
        drawn.forEach(room -> wrong.add(room + ": in the drawing, and there is no such package"));
        return wrong;
    }

    /** Returns the uses that no arrow allows. */
    Set<String> wrong(JavaClasses classes) {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass from : classes) {
            from.getDirectDependenciesFromSelf().forEach(arrow -> {
                JavaClass to = arrow.getTargetClass().getBaseComponentType();
                if (isInside(to)
                        && !room(to).equals(room(from))
                        && !mayUse.getOrDefault(room(from), Set.of()).contains(room(to))) {
                    wrong.add(room(from) + " -> " + room(to) + ": " + arrow.getDescription());
                }
            });
        }
        return wrong;
    }

    /** Returns the circles between packages, a sub-package counting as a package of its own, and between whole rooms. */
    List<String> circles(JavaClasses classes) {
        List<String> found = new ArrayList<>();
        for (String pattern : List.of(root + "(**)", root + "(*)..")) {
            found.addAll(slices().matching(pattern)
                    .should()
                    .beFreeOfCycles()
                    .allowEmptyShould(true)
                    .evaluate(classes)
                    .getFailureReport()
                    .getDetails());
        }
        return found;
    }

    private boolean isInside(JavaClass c) {
        return c.getPackageName().startsWith(root);
    }

    private String room(JavaClass c) {
        return c.getPackageName()
                .substring(Math.min(root.length(), c.getPackageName().length()));
    }
}
