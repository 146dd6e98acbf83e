package io.ublkdisk.protocol;

import io.ublkdisk.block.Nearest;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Words of the form {@code key=value}, in the order they came, with typed access. Not thread safe. */
public final class KeyValues {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final Map<String, String> values = new LinkedHashMap<>();

    /** Makes one without fields. */
    public KeyValues() {}

    /** Makes a copy. */
    public KeyValues(KeyValues other) {
        values.putAll(other.values);
    }

    /** Returns all words that are left of the line. */
    public static KeyValues parse(ProtocolLine words) throws ProtocolException {
        KeyValues fields = new KeyValues();
        while (words.hasNext()) {
            String word = words.next("key=value");
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new ProtocolException("'" + word + "' is not key=value");
            }
            if (fields.values.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                throw new ProtocolException("'" + word.substring(0, equals) + "' is given twice");
            }
        }
        return fields;
    }

    /** @throws ProtocolException if there is a key that is none of these, naming the nearest */
    public KeyValues only(Collection<String> known) throws ProtocolException {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                throw new ProtocolException("unknown field '" + key + "'" + Nearest.hint(key, known));
            }
        }
        return this;
    }

    /** Returns the value's {@code toString}; null takes the key away. */
    public KeyValues put(String key, Object value) {
        if (value == null) {
            values.remove(key);
        } else {
            values.put(key, value.toString());
        }
        return this;
    }

    /** Returns the value of that key; empty if there is none. */
    public Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** @throws IllegalArgumentException if it is there and no whole number */
    public long number(String key, long otherwise) {
        String value = values.get(key);
        try {
            return value == null ? otherwise : Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " is '" + value + "', which is not a whole number", e);
        }
    }

    /** Returns the number of that key; empty if there is none. */
    OptionalLong optional(String key) {
        return values.containsKey(key) ? OptionalLong.of(number(key, 0)) : OptionalLong.empty();
    }

    /**
     * Returns a time to wait, given in milliseconds; none if the key is absent.
     *
     * @throws IllegalArgumentException if it is below 0 or over ten minutes
     */
    Duration waiting(String key) {
        long millis = number(key, 0);
        if (millis < 0 || millis > LONGEST_WAIT.toMillis()) {
            throw new IllegalArgumentException(
                    "to wait " + millis + " ms: write 0 to " + LONGEST_WAIT.toMillis() + " ms");
        }
        return Duration.ofMillis(millis);
    }

    /** @throws IllegalArgumentException if it is there and neither true nor false */
    public boolean flag(String key, boolean otherwise) {
        String value = values.get(key);
        if (value == null || value.equals("true") || value.equals("false")) {
            return value == null ? otherwise : value.equals("true");
        }
        throw new IllegalArgumentException(key + " is '" + value + "'; write true or false");
    }

    /** Returns the words of a line of the protocol. */
    public String line() {
        return ProtocolLine.join(values.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toArray(String[]::new));
    }

    /** Returns the fields, in order. */
    public Map<String, String> map() {
        return Collections.unmodifiableMap(values);
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" "));
    }
}
