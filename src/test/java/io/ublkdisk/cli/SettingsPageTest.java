package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.Setting;
import io.ublkdisk.control.Settings;
import io.ublkdisk.house.GeneratedPage;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Option;

/**
 * The settings stand once, in {@link Settings}: the options of the command line repeat no other default, and {@code
 * docs/reference/settings.md} is what {@link #page} makes of the table.
 */
class SettingsPageTest {
    private static final Path PROJECT = Path.of("").toAbsolutePath().getParent();

    /** Options that are not called as their setting. */
    private static final Map<String, String> KEYS_OF_OPTIONS = Map.of("no-cache", "cache", "-e", "script");

    /** Names in our sources that a user does not set. */
    private static final List<String> INTERNAL =
            List.of("UBLKDISK_DAEMON", "UBLKDISK_LC_ALL", "ublkdisk.repeat", "ublkdisk.warning", "ublkdisk.file");

    private static final Pattern NAME =
            Pattern.compile("\"(UBLKDISK_[A-Z_]+|ublkdisk\\.[a-zA-Z]+(?:[.-][a-zA-Z]+)*)\"");

    @Test
    void everyOptionIsASettingAndSaysItsDefault() {
        Map<String, Setting<?>> settings = Settings.ALL.stream()
                .collect(Collectors.toMap(Setting::key, setting -> setting, (a, b) -> a, TreeMap::new));
        for (Option option : options()) {
            String key = keyOf(option.names()[0]);
            assertThat(settings).as("setting of option " + option.names()[0]).containsKey(key);
            Setting<?> setting = settings.get(key);
            if (setting.standard() instanceof Number) {
                assertThat(String.join(" ", option.description()))
                        .as("help of " + option.names()[0])
                        .containsPattern("\\b" + setting.shown() + "\\b");
            }
        }
    }

    @Test
    void thePageIsMadeOfTheTable() throws IOException {
        GeneratedPage.assertIs("docs/reference/settings.md", page(), getClass());
    }

    @Test
    void thePageHasEveryVariableAndParameterThatTheSourcesRead() throws IOException {
        TreeSet<String> read = new TreeSet<>();
        for (String root : List.of("src/main/java", "junit-extension/src/main/java")) {
            try (Stream<Path> files = Files.walk(PROJECT.resolve(root))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    Matcher name = NAME.matcher(Files.readString(file));
                    while (name.find()) {
                        read.add(name.group(1));
                    }
                }
            }
        }
        read.removeAll(INTERNAL);
        assertThat(read).hasSizeGreaterThan(4);
        assertThat(page()).contains(read.stream().map(name -> "`" + name + "`").toList());
    }

    private static List<Option> options() {
        List<Option> options = new ArrayList<>();
        for (Field field : DiskOptions.class.getDeclaredFields()) {
            Option option = field.getAnnotation(Option.class);
            if (option != null) {
                options.add(option);
            }
        }
        assertThat(options).hasSizeGreaterThan(10);
        return options;
    }

    private static String keyOf(String option) {
        String name = option.startsWith("--") ? option.substring(2) : option;
        return KEYS_OF_OPTIONS.getOrDefault(name, name);
    }

    private static String page() {
        List<String> options =
                options().stream().flatMap(o -> Arrays.stream(o.names())).toList();
        StringBuilder page = new StringBuilder("""
                # Settings

                Every setting of a disk, and what else can be set. This page is generated from `control.Settings`.

                ## A disk

                The first name is the key: the word of the protocol and of replay bundles. The others are the attribute of
                `@UblkDisk`, which is also the method of `UblkDiskExtension.builder()`, and the option of `ublkdisk add` and
                `ublkdisk run`. Some settings are in the protocol only.

                """);
        for (Setting<?> setting : Settings.ALL) {
            List<String> names = new ArrayList<>();
            names.add("**" + setting.key() + "**");
            if (!setting.attribute().isEmpty()) {
                names.add("attribute `" + setting.attribute() + "`");
            }
            String named = options.stream()
                    .filter(option -> keyOf(option).equals(setting.key()))
                    .map(option -> "`" + option + "`")
                    .collect(Collectors.joining(", "));
            if (!named.isEmpty()) {
                names.add("option " + named);
            }
            if (!setting.shown().isEmpty()) {
                names.add("default `" + setting.shown() + "`");
            }
            page.append("- ").append(String.join(" · ", names)).append("  \n  ").append(setting.doc());
            page.append('\n');
        }
        return page + """

                ## The extension

                Attributes of `@UblkDisk` and methods of the builder that are not settings of a disk:

                - **faults** · default none  \n  Rules and steps: text, `classpath:NAME` or `file:PATH`.
                - **lenient** · default `false`  \n  Whether rules may go unfired, and moments never come.
                - **record** · default `false`  \n  Whether all that becomes durable is kept for the replay bundle.

                ## Configuration parameters of JUnit

                In `junit-platform.properties`, as a system property, or as the build tool hands them on.

                - **`ublkdisk.unavailable`** · default `fail`  \n  What a test does where no disk can be made: `fail` or `skip`.
                - **`junit.jupiter.extensions.store.close.autocloseable.enabled`** · default `true`  \n  Must not be `false`: nothing \
                would delete the disks.

                ## System properties

                - **`ublkdisk.allowFaultyKernel`** · default `false`  \n  The same as `UBLKDISK_ALLOW_FAULTY_KERNEL`.
                - **`ublkdisk.debug`** · default `false`  \n  Whether the server logs more. Of the server: see `UBLKDISK_JAVA_OPTIONS`.

                ## Environment variables

                - **`UBLKDISK_STATE`** · default `/run/ublkdisk`, without root `$XDG_RUNTIME_DIR/ublkdisk` or `/tmp/ublkdisk-UID`  \n  Folder of \
                servers: sockets, records of devices, mount points.
                - **`UBLKDISK_TEMPLATES`** · default none  \n  Folder in which formatted disks are kept for later servers.
                - **`UBLKDISK_JAVA_OPTIONS`** · default none  \n  Options for the JVM of the server, and of the command.
                - **`UBLKDISK_ALLOW_FAULTY_KERNEL`** · default `false`  \n  `true` uses a kernel whose ublk is known to hang.
                - **`UBLKDISK_OWN_JVM`** · default none  \n  Any text makes the command start a JVM of its own, in place of the \
                server's.

                The variables of the VM for tests (`UBLKDISK_KERNEL`, `UBLKDISK_VM_…`) are in \
                [vm.md](../explanation/vm.md).
                """;
    }
}
