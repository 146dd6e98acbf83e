package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Holds the arrows between the rooms (packages): data flows one way, and each room may use only what stands behind its name
 * here. The drawing is in docs/explanation/architecture.md.
 */
class RoomsTest {

    private static final String ROOT = "io.ublkdisk.";

    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("block", Set.of()),
            Map.entry("fault", Set.of("block")),
            Map.entry("fault.effect", Set.of("block", "fault")),
            Map.entry("backend", Set.of("block", "kernel")),
            Map.entry("media", Set.of("block", "fault", "kernel")),
            Map.entry("crash", Set.of("block", "fault")),
            Map.entry("cache", Set.of("block", "fault", "media")),
            Map.entry("link", Set.of("block", "fault", "cache")),
            Map.entry("disk", Set.of("block", "fault", "media", "cache", "link", "crash")),
            Map.entry("journal", Set.of("block", "kernel")),
            Map.entry("script", Set.of("block", "fault", "fault.effect")),
            Map.entry("kernel", Set.of()),
            Map.entry("ring", Set.of("kernel")),
            Map.entry("ublk", Set.of("block", "kernel", "ring")),
            Map.entry("protocol", Set.of("block", "fault", "crash", "journal")),
            Map.entry("control", Set.of("block", "crash", "fault", "script", "journal", "kernel", "protocol")),
            Map.entry("server.process", Set.of("block", "control")),
            Map.entry(
                    "server.log",
                    Set.of(
                            "block",
                            "fault",
                            "media",
                            "cache",
                            "disk",
                            "journal",
                            "protocol",
                            "control",
                            "server.process")),
            Map.entry("server.mount", Set.of("block", "media", "disk", "control", "server.log", "server.process")),
            Map.entry(
                    "server.recovery",
                    Set.of("block", "ublk", "protocol", "control", "server.log", "server.mount", "server.process")),
            Map.entry(
                    "server",
                    Set.of(
                            "block",
                            "fault",
                            "media",
                            "cache",
                            "link",
                            "crash",
                            "disk",
                            "journal",
                            "script",
                            "ublk",
                            "protocol",
                            "control",
                            "server.log",
                            "server.mount",
                            "server.recovery",
                            "server.process")),
            Map.entry(
                    "server.session",
                    Set.of(
                            "block",
                            "fault",
                            "media",
                            "cache",
                            "link",
                            "crash",
                            "disk",
                            "journal",
                            "script",
                            "kernel",
                            "ublk",
                            "protocol",
                            "control",
                            "server",
                            "server.log",
                            "server.recovery",
                            "server.process")),
            Map.entry(
                    "cli",
                    Set.of(
                            "block",
                            "fault",
                            "protocol",
                            "control",
                            "script",
                            "journal",
                            "server.session",
                            "server.mount",
                            "server.recovery",
                            "cli.disk",
                            "cli.kublk")),
            Map.entry("cli.disk", Set.of("block", "fault", "protocol", "control", "script", "server.recovery")),
            Map.entry("cli.kublk", Set.of("block", "backend", "kernel", "ublk", "server.mount")));

    /** Fewer than this, and the test has looked in the wrong place and proves nothing. */
    private static final int FEWEST_CLASSES = 100;

    private static final JavaClasses CLASSES =
            new ClassFileImporter(Set.of(new ImportOption.DoNotIncludeTests())).importPackages("io.ublkdisk");

    @Test
    void seesTheWholeProject() {
        assertThat(CLASSES.size()).isGreaterThanOrEqualTo(FEWEST_CLASSES);
    }

    @Test
    void everyPackageIsARoom() {
        for (JavaClass c : CLASSES) {
            assertThat(MAY_USE).as("the room of %s", c.getName()).containsKey(room(c));
        }
    }

    @Test
    void arrowsPointOneWay() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass from : CLASSES) {
            from.getDirectDependenciesFromSelf().forEach(arrow -> {
                JavaClass to = arrow.getTargetClass().getBaseComponentType();
                if (to.getPackageName().startsWith(ROOT)
                        && !room(to).equals(room(from))
                        && !MAY_USE.getOrDefault(room(from), Set.of()).contains(room(to))) {
                    wrong.add(arrow.getDescription());
                }
            });
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void onlyTheKernelRoomImportsJna() {
        Set<String> users = new TreeSet<>();
        for (JavaClass from : CLASSES) {
            boolean usesJna = from.getDirectDependenciesFromSelf().stream()
                    .anyMatch(arrow -> arrow.getTargetClass().getPackageName().startsWith("com.sun.jna"));
            if (usesJna) {
                users.add(room(from));
            }
        }
        assertThat(users).isEqualTo(Set.of("kernel"));
    }

    private static String room(JavaClass c) {
        String rest = c.getPackageName()
                .substring(Math.min(ROOT.length(), c.getPackageName().length()));
        if (MAY_USE.containsKey(rest)) {
            return rest;
        }
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }
}
