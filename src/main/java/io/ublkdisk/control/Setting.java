package io.ublkdisk.control;

import io.ublkdisk.protocol.KeyValues;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * One setting of a disk: how it is called, what it may be, and what it is unless a user says otherwise.
 *
 * @param <T> the type of its values
 * @param key its name in the protocol, in recovery records and in replay bundles; {@code --key} on the command line
 * @param attribute its name in {@code @UblkDisk} and in the builder of the extension; empty if it cannot be set there
 * @param standard the default; null for no value
 * @param shown the default as documentation has it; empty for no value
 * @param reader makes a value of its text
 * @param printer makes text of a value, for the reader
 * @param limit throws an exception for a value that is not possible
 * @param doc what it means and what is possible: one or two sentences in Markdown
 */
public record Setting<T>(
        String key,
        String attribute,
        T standard,
        String shown,
        Function<String, T> reader,
        Function<T, String> printer,
        Limit<T> limit,
        String doc) {

    /** What is possible for one value. */
    public interface Limit<T> {
        /** @throws IllegalArgumentException with the key, the value and the remedy */
        void check(String key, T value);
    }

    /** Makes a setting that is a whole number within limits. @param remedy the end of the message */
    static Setting<Integer> number(String key, int standard, int min, int max, String remedy, String doc) {
        return integer(key, standard, doc + " From " + min + " to " + max + ".", (k, value) -> {
            if (value < min || value > max) {
                throw new SettingException(k, value, " is not within " + min + ".." + max + "; " + remedy);
            }
        });
    }

    /** Makes a setting that is a number of bytes, and a power of two within limits. */
    static Setting<Integer> powerOfTwo(String key, int standard, int min, int max, String doc) {
        String possible = " A power of two, from " + min + " to " + max + " bytes.";
        return integer(key, standard, doc + possible, (k, value) -> {
            if (value < min || value > max || Integer.bitCount(value) != 1) {
                throw new SettingException(k, value, " is not a power of two within " + min + ".." + max);
            }
        });
    }

    private static Setting<Integer> integer(String key, int standard, String doc, Limit<Integer> limit) {
        return new Setting<>(
                key, "", standard, "" + standard, text -> intValue(key, text), Object::toString, limit, doc);
    }

    static Setting<Long> bytes(String key, long standard, Limit<Long> limit, String doc) {
        return new Setting<>(
                key,
                "",
                standard,
                ByteSize.print(standard),
                text -> longValue(key, text),
                Object::toString,
                limit,
                doc);
    }

    static Setting<Long> longNumber(String key, String doc) {
        return new Setting<>(key, "", null, "", text -> longValue(key, text), Object::toString, (k, value) -> {}, doc);
    }

    static Setting<Boolean> flag(String key, boolean standard, String doc) {
        return new Setting<>(
                key,
                "",
                standard,
                "" + standard,
                text -> flagValue(key, text),
                Object::toString,
                (k, value) -> {},
                doc);
    }

    /** Makes a setting that is a word of a list. */
    static <T> Setting<T> word(
            String key, T standard, Function<String, T> reader, Function<T, String> printer, String doc) {
        return new Setting<>(key, "", standard, printer.apply(standard), reader, printer, (k, value) -> {}, doc);
    }

    static Setting<String> text(String key, String standard, Limit<String> limit, String doc) {
        return new Setting<>(key, "", standard, "", text -> text, text -> text, limit, doc);
    }

    /** Makes a setting that is a file or folder. @param what how a message calls it */
    static Setting<Path> path(String key, String what, String doc) {
        return new Setting<>(
                key,
                "",
                null,
                "",
                Path::of,
                Path::toString,
                (k, value) -> {
                    if (!value.isAbsolute()) {
                        throw new IllegalArgumentException(
                                what + " '" + value + "' is relative; give the path from the root folder");
                    }
                },
                doc);
    }

    /** Returns the same setting, with that name in {@code @UblkDisk} and in the builder of the extension. */
    Setting<T> called(String name) {
        return new Setting<>(key, name, standard, shown, reader, printer, limit, doc);
    }

    /** Returns the value that is written there; empty if it is not. */
    Optional<T> in(KeyValues fields) {
        return fields.text(key).map(reader);
    }

    /** Returns the value that is written there, or the default. */
    T valueIn(KeyValues fields) {
        return in(fields).orElseGet(() -> Objects.requireNonNull(standard));
    }

    /** Writes the value there; null takes it away. */
    void put(KeyValues fields, T value) {
        fields.put(key, value == null ? null : printer.apply(value));
    }

    /** Checks the value that is written there, if one is. @throws IllegalArgumentException with the value and the remedy */
    void checkIn(KeyValues fields) {
        in(fields).ifPresent(value -> limit.check(key, value));
    }

    private static long longValue(String key, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " is '" + text + "', which is no whole number", e);
        }
    }

    private static int intValue(String key, String text) {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, longValue(key, text)));
    }

    private static boolean flagValue(String key, String text) {
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true");
        }
        throw new IllegalArgumentException(key + " is '" + text + "'; write true or false");
    }
}
