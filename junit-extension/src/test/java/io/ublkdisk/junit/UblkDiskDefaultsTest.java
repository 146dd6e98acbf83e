package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.Setting;
import io.ublkdisk.control.Settings;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The annotation repeats the defaults of {@link Settings}, since Java wants constants there, and says the same. */
class UblkDiskDefaultsTest {
    /** What is set about the test and not about its disk. */
    private static final Set<String> OF_THE_EXTENSION = Set.of("faults", "lenient", "record");

    private static final Map<String, Method> ATTRIBUTES = Arrays.stream(UblkDisk.class.getDeclaredMethods())
            .collect(Collectors.toMap(Method::getName, Function.identity()));

    @Test
    void everyAttributeIsASettingWithTheSameDefault() {
        Map<String, Setting<?>> settings = Settings.ALL.stream()
                .filter(setting -> !setting.attribute().isEmpty())
                .collect(Collectors.toMap(Setting::attribute, Function.identity()));
        settings.forEach((name, setting) -> {
            assertThat(ATTRIBUTES).containsKey(name);
            Object value = ATTRIBUTES.get(name).getDefaultValue();
            assertThat(name.equals("seed") && value.equals(UblkDisk.CHOSEN_SEED) ? "" : text(value))
                    .as("default of @UblkDisk." + name)
                    .isEqualTo(setting.shown());
        });
        assertThat(ATTRIBUTES.keySet()).allMatch(name -> OF_THE_EXTENSION.contains(name) || settings.containsKey(name));
    }

    @Test
    void theBuilderHasEveryAttribute() {
        Set<String> methods = Arrays.stream(UblkDiskExtension.Builder.class.getMethods())
                .map(Method::getName)
                .collect(Collectors.toSet());
        assertThat(methods).containsAll(ATTRIBUTES.keySet());
    }

    private static String text(Object value) {
        return value instanceof Enum<?> word ? word.name().toLowerCase(java.util.Locale.ROOT) : value.toString();
    }
}
