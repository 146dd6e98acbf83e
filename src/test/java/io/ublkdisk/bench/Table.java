package io.ublkdisk.bench;

import io.ublkdisk.bench.Results.Result;
import java.util.List;

/** Results as Markdown: a row for each disk, a column for each workload. */
final class Table {
    private Table() {}

    static String of(Results results) {
        StringBuilder table = new StringBuilder();
        List<String> targets =
                results.all().stream().map(Result::target).distinct().toList();
        List<String> columns =
                results.all().stream().map(Table::column).distinct().toList();
        table.append("| ")
                .append(results.where().getOrDefault("unit", "nanoseconds"))
                .append(" a request |");
        columns.forEach(c -> table.append(' ').append(c).append(" |"));
        table.append("\n|---|").append("---:|".repeat(columns.size())).append('\n');
        for (String target : targets) {
            table.append("| ").append(target).append(" |");
            for (String column : columns) {
                table.append(' ').append(cell(results, target, column)).append(" |");
            }
            table.append('\n');
        }
        return table.toString();
    }

    private static String column(Result result) {
        return result.workload()
                + (result.jobs() == 1 ? "" : " " + result.jobs() + " jobs")
                + (result.queues() == 1 ? "" : " " + result.queues() + " queues");
    }

    /** Where two windows do not agree, by how much. */
    private static String cell(Results results, String target, String column) {
        return results.all().stream()
                .filter(r -> r.target().equals(target) && column(r).equals(column))
                .findFirst()
                .map(r -> String.format("%,.0f", r.each())
                        + (r.spreadPercent() < 1 ? "" : String.format(" ±%.1f %%", r.spreadPercent())))
                .orElse("");
    }
}
