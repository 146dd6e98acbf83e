package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.Bundle;
import io.ublkdisk.control.ByteSize;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.SettingException;
import io.ublkdisk.control.Settings;
import io.ublkdisk.junit.Disk;
import io.ublkdisk.junit.ReplayFrom;
import io.ublkdisk.junit.UblkDisk;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/**
 * What was asked for and where: the one form into which annotation and builder are turned, right in itself before anything
 * is made.
 *
 * @param place where the disk was asked for, for messages: "field 'disk' of WalTest"
 * @param recorded whether its history is kept
 */
public record DiskSettings(String place, DiskSpec spec, boolean lenient, boolean recorded) {
    /**
     * Reads the annotation that stands there, its own or another's that carries it.
     *
     * @throws ExtensionConfigurationException naming the place, the annotation's values and the remedy
     */
    static DiskSettings of(UblkDisk disk, String place, ClassLoader resources) {
        try {
            DiskSpec.Builder spec = DiskSpec.builder()
                    .size(disk.size())
                    .fileSystem(FileSystem.valueOf(disk.mount().name()))
                    .queues(disk.queues())
                    .queueDepth(disk.queueDepth())
                    .logicalBlockSizeBytes(disk.logicalBlockSize())
                    .volatileCache(disk.volatileCache() && disk.recovery() == Recovery.NONE)
                    .cacheSizeBytes(ByteSize.parse(disk.cacheSize(), "cacheSize"));
            if (!disk.mountOptions().isEmpty()) {
                checkHasFileSystem("mountOptions", disk);
                spec.mountOptions(disk.mountOptions());
            }
            if (!disk.mkfsOptions().isEmpty()) {
                checkHasFileSystem("mkfsOptions", disk);
                spec.mkfsOptions(disk.mkfsOptions());
            }
            if (disk.recovery() != Recovery.NONE) {
                spec.recovery(disk.recovery());
            }
            if (disk.seed() != UblkDisk.CHOSEN_SEED) {
                spec.seed(disk.seed());
            }
            Script faults = FaultSource.script(List.of(disk.faults()), resources);
            return new DiskSettings(place, withFaults(spec, faults), disk.lenient(), disk.record());
        } catch (IllegalArgumentException wrong) {
            throw new ExtensionConfigurationException(
                    written(disk) + " on " + place + ": " + wrong.getMessage(), wrong);
        }
    }

    private static void checkHasFileSystem(String attribute, UblkDisk disk) {
        if (disk.mount() == io.ublkdisk.junit.FileSystem.NONE) {
            throw new IllegalArgumentException(
                    attribute + " without a filesystem; say which, for instance mount = EXT4");
        }
    }

    /** Reads a bundle, for the disk that is in it. */
    private static DiskSettings of(ReplayFrom from, String place) {
        try {
            Bundle bundle = Bundle.read(Path.of(from.value()));
            DiskSpec spec = bundle.spec(from.at().isEmpty() ? null : from.at());
            return new DiskSettings(place, spec, bundle.about().flag("lenient", false), false);
        } catch (IOException | IllegalArgumentException wrong) {
            throw new ExtensionConfigurationException(
                    "@ReplayFrom(\"" + from.value() + "\") on " + place + ": " + words(wrong), wrong);
        }
    }

    private static String words(Exception wrong) {
        return wrong instanceof NoSuchFileException file
                ? "there is no file " + Path.of(file.getFile()).toAbsolutePath()
                : wrong.getMessage();
    }

    /**
     * Finishes a specification: with that script, whose seed counts where no other is given.
     *
     * @throws IllegalArgumentException if the disk cannot be, or has not all the sectors that the rules name
     */
    public static DiskSpec withFaults(DiskSpec.Builder builder, Script faults) {
        DiskSpec spec = built(builder);
        faults.checkAgainst(spec.sizeBytes().orElseThrow());
        if (faults.seed().isPresent() && spec.seed().isEmpty()) {
            builder.seed(faults.seed().getAsLong());
        }
        return faults.steps().isEmpty()
                ? builder.build()
                : builder.script(new Script(OptionalLong.empty(), faults.steps()).toString())
                        .build();
    }

    /** Builds, and names a setting as annotation and builder do. */
    private static DiskSpec built(DiskSpec.Builder builder) {
        try {
            return builder.build();
        } catch (SettingException wrong) {
            throw new IllegalArgumentException(wrong.messageFor(Settings.attributeOf(wrong.key())), wrong);
        }
    }

    /** Returns the annotation on that field or parameter, if it has one; fields and parameters of a wrong kind are errors. */
    public static Optional<DiskSettings> on(AnnotatedElement element, Class<?> within) {
        return AnnotationSupport.findAnnotation(element, UblkDisk.class).map(disk -> {
            String place = place(element, within);
            Class<?> type = element instanceof Field field ? field.getType() : ((Parameter) element).getType();
            if (type != Disk.class) {
                throw new ExtensionConfigurationException("@UblkDisk on " + place + ": its type is " + type.getName()
                        + "; declare it as " + Disk.class.getName());
            }
            if (element instanceof Field field && Modifier.isFinal(field.getModifiers())) {
                throw new ExtensionConfigurationException(
                        "@UblkDisk on " + place + ": it is final, and a disk is assigned to it; remove final");
            }
            return AnnotationSupport.findAnnotation(element, ReplayFrom.class)
                    .map(from -> of(from, place))
                    .orElseGet(() -> of(disk, place, within.getClassLoader()));
        });
    }

    /** Returns the annotated fields of that class and those above it. */
    public static List<Field> fields(Class<?> within, boolean ofClass) {
        return AnnotationSupport.findAnnotatedFields(
                within,
                UblkDisk.class,
                field -> Modifier.isStatic(field.getModifiers()) == ofClass,
                HierarchyTraversalMode.TOP_DOWN);
    }

    public static void assign(Field field, Object instance, Disk disk) {
        try {
            field.setAccessible(true);
            field.set(instance, disk);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new ExtensionConfigurationException(
                    "@UblkDisk on field '" + field.getName() + "': it cannot be assigned (" + e.getMessage()
                            + "); open its package to ublkdisk",
                    e);
        }
    }

    /** Returns where that stands, for messages; a parameter without a name (javac without -parameters) by its position. */
    public static String place(AnnotatedElement element, Class<?> within) {
        if (element instanceof Field field) {
            return "field '" + field.getName() + "' of "
                    + field.getDeclaringClass().getSimpleName();
        }
        Parameter parameter = (Parameter) element;
        String executable = parameter.getDeclaringExecutable() instanceof Method method
                ? within.getSimpleName() + "." + method.getName()
                : "the constructor of " + within.getSimpleName();
        return (parameter.isNamePresent() ? "parameter '" + parameter.getName() + "'" : position(parameter)) + " of "
                + executable;
    }

    private static String position(Parameter parameter) {
        int number = Arrays.asList(parameter.getDeclaringExecutable().getParameters())
                        .indexOf(parameter)
                + 1;
        boolean teen = number % 100 / 10 == 1;
        String ending =
                teen ? "th" : number % 10 == 1 ? "st" : number % 10 == 2 ? "nd" : number % 10 == 3 ? "rd" : "th";
        return number + ending + " parameter (of type " + parameter.getType().getSimpleName() + ")";
    }

    /** Returns the annotation as its author wrote it, with the values that are not the defaults. */
    private static String written(UblkDisk disk) {
        List<String> values = new ArrayList<>();
        for (Method attribute : UblkDisk.class.getDeclaredMethods()) {
            try {
                Object value = attribute.invoke(disk);
                if (!Arrays.deepEquals(new Object[] {value}, new Object[] {attribute.getDefaultValue()})) {
                    values.add(attribute.getName() + " = " + literal(value));
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("an annotation does not answer", e);
            }
        }
        return "@UblkDisk" + values.stream().sorted().collect(Collectors.joining(", ", "(", ")"));
    }

    private static String literal(Object value) {
        if (value instanceof String[] texts) {
            return Arrays.stream(texts).map(DiskSettings::literal).collect(Collectors.joining(", ", "{", "}"));
        }
        return value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
    }
}
