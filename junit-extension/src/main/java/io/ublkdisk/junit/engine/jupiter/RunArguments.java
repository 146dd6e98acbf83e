package io.ublkdisk.junit.engine.jupiter;

import io.ublkdisk.junit.CrashTest;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.BaseStream;
import java.util.stream.Collectors;

/**
 * The arguments that a {@link CrashTest} runs with, one list for each run: from a static method that returns a stream, a
 * collection or an array of them. An element is one argument, or an array or a Jupiter {@code Arguments} of several.
 */
final class RunArguments {
    private static final String JUPITER = "org.junit.jupiter.params.provider.Arguments";

    private RunArguments() {}

    /**
     * Asks that method.
     *
     * @param name empty: there is one run without arguments
     * @throws IllegalArgumentException if there is no such method, or it returns nothing
     */
    static List<List<Object>> of(Class<?> test, String name) {
        if (name.isEmpty()) {
            return List.of(List.of());
        }
        Method method = RunMethod.named(test, name).stream()
                .filter(found -> found.getParameterCount() == 0)
                .findFirst()
                .orElseThrow(() -> wrong(
                        name,
                        test.getSimpleName() + " has no method " + name + "() without parameters;"
                                + " write it: static Stream<…> " + name + "()"));
        if (!Modifier.isStatic(method.getModifiers())) {
            throw wrong(name, test.getSimpleName() + "." + name + "() is not static; make it so");
        }
        List<List<Object>> all = new ArrayList<>();
        each(name, value(name, method)).forEachRemaining(element -> all.add(spread(element)));
        if (all.isEmpty()) {
            throw wrong(name, "it returned nothing, so there would be no run and no test");
        }
        return all;
    }

    private static Object value(String name, Method method) {
        try {
            method.setAccessible(true);
            return method.invoke(null);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("arguments = \"" + name + "\": it throws " + e.getCause(), e.getCause());
        } catch (IllegalAccessException e) {
            throw wrong(name, e.getMessage());
        }
    }

    private static Iterator<?> each(String name, Object value) {
        if (value instanceof BaseStream<?, ?> stream) {
            return stream.iterator();
        }
        if (value instanceof Iterable<?> iterable) {
            return iterable.iterator();
        }
        if (value != null && value.getClass().isArray()) {
            return elements(value).iterator();
        }
        throw wrong(
                name,
                "it returned " + (value == null ? "null" : value.getClass().getName())
                        + "; return a Stream, a collection or an array");
    }

    private static List<Object> elements(Object array) {
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < Array.getLength(array); i++) {
            elements.add(Array.get(array, i));
        }
        return elements;
    }

    private static List<Object> spread(Object element) {
        if (element instanceof Object[] several) {
            return Arrays.asList(several);
        }
        if (element != null && isJupiters(element.getClass())) {
            try {
                Method get = Class.forName(JUPITER, false, element.getClass().getClassLoader())
                        .getMethod("get");
                return Arrays.asList((Object[]) get.invoke(element));
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException("its Arguments cannot be read: " + e, e);
            }
        }
        return Arrays.asList(element);
    }

    /** By name: the library of parameterized tests need not be there. */
    private static boolean isJupiters(Class<?> type) {
        return type != null
                && (Arrays.stream(type.getInterfaces())
                                .anyMatch(each -> each.getName().equals(JUPITER) || isJupiters(each))
                        || isJupiters(type.getSuperclass()));
    }

    /** Returns them as they stand in a name. */
    static String print(List<?> arguments) {
        return arguments.stream()
                .map(argument ->
                        argument instanceof Object[] array ? Arrays.deepToString(array) : String.valueOf(argument))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static IllegalArgumentException wrong(String name, String why) {
        return new IllegalArgumentException("arguments = \"" + name + "\": " + why);
    }
}
