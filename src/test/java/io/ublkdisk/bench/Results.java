package io.ublkdisk.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What was measured, where; as a file of JSON with a line for each result. */
record Results(Map<String, String> where, List<Result> all) {
    private static final Pattern PAIR = Pattern.compile("\"([a-zA-Z0-9]+)\": (?:\"([^\"]*)\"|([-0-9.]+))");

    /**
     * @param each nanoseconds for each request, which are instructions where time is counted so
     * @param spreadPercent by which the two windows differ that count
     * @param switches of fio's threads for each request
     */
    record Result(
            String target, String workload, int jobs, int queues, double each, double spreadPercent, double switches) {
        /** What stays the same from run to run. */
        String key() {
            return target + " " + workload + " jobs=" + jobs + " queues=" + queues;
        }

        private String json() {
            return String.format(
                    "{\"target\": \"%s\", \"workload\": \"%s\", \"jobs\": %d, \"queues\": %d, \"each\": %.1f, \"spreadPercent\": %.2f, \"switches\": %.3f}",
                    target, workload, jobs, queues, each, spreadPercent, switches);
        }

        private static Result parse(Map<String, String> pairs) {
            return new Result(
                    pairs.get("target"),
                    pairs.get("workload"),
                    Integer.parseInt(pairs.get("jobs")),
                    Integer.parseInt(pairs.get("queues")),
                    Double.parseDouble(pairs.get("each")),
                    Double.parseDouble(pairs.get("spreadPercent")),
                    Double.parseDouble(pairs.get("switches")));
        }
    }

    Optional<Result> find(String key) {
        return all.stream().filter(r -> r.key().equals(key)).findFirst();
    }

    String json() {
        String head = where.entrySet().stream()
                .map(e -> "  \"" + e.getKey() + "\": \"" + e.getValue().replace("\"", "'") + "\",\n")
                .collect(Collectors.joining());
        String lines = all.stream().map(r -> "    " + r.json()).collect(Collectors.joining(",\n"));
        return "{\n" + head + "  \"results\": [\n" + lines + "\n  ]\n}\n";
    }

    static Results parse(Path file) throws IOException, BenchException {
        Map<String, String> where = new LinkedHashMap<>();
        List<Result> all = new ArrayList<>();
        if (!Files.isReadable(file)) {
            throw new BenchException("there is no file " + file + " that can be read; vm/bench --json FILE writes one");
        }
        try {
            for (String line : Files.readAllLines(file)) {
                Map<String, String> pairs = new LinkedHashMap<>();
                Matcher pair = PAIR.matcher(line);
                while (pair.find()) {
                    pairs.put(pair.group(1), pair.group(2) != null ? pair.group(2) : pair.group(3));
                }
                if (pairs.containsKey("target")) {
                    all.add(Result.parse(pairs));
                } else {
                    where.putAll(pairs);
                }
            }
        } catch (NumberFormatException | NullPointerException e) {
            throw new BenchException(
                    file + " is no file of results, as vm/bench --json FILE writes it: " + e.getMessage());
        }
        if (all.isEmpty()) {
            throw new BenchException(file + " has no results, as vm/bench --json FILE writes them");
        }
        return new Results(where, all);
    }
}
