package io.ublkdisk.cli.disk;

import io.ublkdisk.protocol.KeyValues;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes JSON. Keys become camel case; values are numbers and booleans, but for those of keys that are named as texts. */
public final class Json {
    private Json() {}

    public static String array(List<KeyValues> objects, String... textKeys) {
        return objects.stream().map(o -> object(o, textKeys)).collect(Collectors.joining(",\n ", "[", "]"));
    }

    public static String object(KeyValues fields, String... textKeys) {
        Set<String> texts = Set.of(textKeys);
        return fields.map().entrySet().stream()
                .map(e -> string(camelCase(e.getKey())) + ": "
                        + (texts.contains(e.getKey()) ? string(e.getValue()) : e.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    public static String strings(List<String> values) {
        return values.stream().map(Json::string).collect(Collectors.joining(", ", "[", "]"));
    }

    static String string(String value) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    private static String camelCase(String key) {
        StringBuilder out = new StringBuilder();
        for (String word : key.split("-")) {
            out.append(out.length() == 0 ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return out.toString();
    }
}
