package io.ublkdisk.junit.engine.jupiter;

import io.ublkdisk.block.Nearest;
import io.ublkdisk.junit.CrashRun;
import io.ublkdisk.junit.CrashTest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The method of a test class that runs the program of a {@link CrashTest}, found by its name. */
public final class RunMethod {
    private final Method method;

    private RunMethod(Method method) {
        this.method = method;
    }

    /**
     * Finds it in that class or in one above it.
     *
     * @param argumentCount how many arguments it gets after the {@link CrashRun}
     * @throws IllegalArgumentException saying what is wrong with the method that is there
     */
    static RunMethod of(Class<?> test, String name, int argumentCount) {
        List<Method> named = named(test, name);
        if (named.isEmpty()) {
            throw new IllegalArgumentException("run = \"" + name + "\": " + test.getSimpleName() + " has no method "
                    + name + hint(test, name) + "static void " + name + "(CrashRun run)");
        }
        List<Method> right = named.stream()
                .filter(method -> wrong(method, argumentCount) == null)
                .toList();
        if (right.size() > 1) {
            throw new IllegalArgumentException("run = \"" + name + "\": "
                    + right.stream().map(RunMethod::signature).collect(Collectors.joining(" and "))
                    + " both fit; rename one");
        }
        if (right.isEmpty()) {
            throw new IllegalArgumentException("run = \"" + name + "\": "
                    + named.stream()
                            .map(method -> signature(method) + " " + wrong(method, argumentCount))
                            .collect(Collectors.joining("; ")));
        }
        right.get(0).setAccessible(true);
        return new RunMethod(right.get(0));
    }

    /** Returns those of that name that are not overridden. */
    static List<Method> named(Class<?> test, String name) {
        List<Method> found = new ArrayList<>();
        for (Class<?> type : withSuperTypes(test)) {
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.getName().equals(name) && !method.isSynthetic())
                    .filter(method -> found.stream()
                            .noneMatch(below -> Arrays.equals(below.getParameterTypes(), method.getParameterTypes())))
                    .forEach(found::add);
        }
        return found;
    }

    private static List<Class<?>> withSuperTypes(Class<?> test) {
        List<Class<?>> types = new ArrayList<>();
        for (Class<?> type = test; type != null && type != Object.class; type = type.getSuperclass()) {
            types.add(type);
        }
        for (Class<?> type : List.copyOf(types)) {
            Stream.of(type.getInterfaces())
                    .filter(each -> !types.contains(each))
                    .forEach(types::add);
        }
        return types;
    }

    private static String hint(Class<?> test, String name) {
        for (Class<?> nested : test.getDeclaredClasses()) {
            if (nested.getSimpleName().equals("Companion")
                    && !named(nested, name).isEmpty()) {
                return "; its companion object has: write @JvmStatic above that. Or write it: ";
            }
        }
        Set<String> known = new TreeSet<>();
        for (Class<?> type : withSuperTypes(test)) {
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> wrong(method, method.getParameterCount() - 1) == null)
                    .forEach(method -> known.add(method.getName()));
        }
        String nearest = known.isEmpty() ? "" : Nearest.hint(name, known);
        return nearest.endsWith("?") ? nearest + " Or write it: " : "; write it: ";
    }

    /** Returns what is wrong with it; null if it is right. */
    private static String wrong(Method method, int argumentCount) {
        Class<?>[] types = method.getParameterTypes();
        if (types.length == 0 || types[0] != CrashRun.class) {
            return "does not begin with a CrashRun; declare it as " + signature(method, true);
        }
        if (types.length - 1 > argumentCount) {
            return argumentCount == 0
                    ? "takes more than a CrashRun; say where the rest comes from: arguments = \"…\", the name of a static"
                            + " method that returns a Stream of them"
                    : "takes " + (types.length - 1) + " arguments after the CrashRun, and there are " + argumentCount;
        }
        return Modifier.isAbstract(method.getModifiers()) ? "is abstract; write what it does" : null;
    }

    /** Returns whether it needs the instance of the test. */
    boolean needsInstance() {
        return !Modifier.isStatic(method.getModifiers());
    }

    /**
     * Runs the program.
     *
     * @param instance of the test; null for a static method
     * @param arguments arguments that it does not take are left out
     * @throws Throwable what it throws
     */
    void invoke(Object instance, CrashRun run, List<?> arguments) throws Throwable {
        List<Object> all = new ArrayList<>();
        all.add(run);
        all.addAll(arguments);
        try {
            method.invoke(instance, all.subList(0, method.getParameterCount()).toArray());
        } catch (InvocationTargetException e) {
            throw e.getCause();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    signature(method) + " cannot take " + arguments + ": " + e.getMessage(), e);
        }
    }

    String name() {
        return method.getName();
    }

    private static String signature(Method method) {
        return signature(method, false);
    }

    private static String signature(Method method, boolean withRun) {
        String types = Stream.concat(
                        withRun ? Stream.of(CrashRun.class) : Stream.of(),
                        Stream.of(method.getParameterTypes()).filter(type -> !withRun || type != CrashRun.class))
                .map(Class::getSimpleName)
                .collect(Collectors.joining(", "));
        return method.getDeclaringClass().getSimpleName() + "." + method.getName() + "(" + types + ")";
    }
}
