package io.ublkdisk.bench;

import io.ublkdisk.bench.Results.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Results as pictures: bars, the cheapest on top, in one file that needs no other. */
final class Plot {
    private static final int LEFT = 150;
    private static final int WIDTH = 720;
    private static final int BAR = 22;
    private static final int TOP = 58;
    private static final int BARS = WIDTH - LEFT - 90;
    private static final String OURS = "#1b6ca8";
    private static final String OTHERS = "#9aa5b1";

    private Plot() {}

    /** One for each workload, with one job and one queue. */
    static void all(Results results, Path folder) throws IOException, BenchException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new BenchException("there can be no folder " + folder + " for pictures: " + e);
        }
        for (Workload workload : Workload.ALL) {
            List<Result> bars = results.all().stream()
                    .filter(r -> r.workload().equals(workload.name()) && r.jobs() == 1 && r.queues() == 1)
                    .sorted(Comparator.comparingDouble(Result::each))
                    .toList();
            if (!bars.isEmpty()) {
                Files.writeString(folder.resolve(workload + ".svg"), svg(results, workload, bars));
            }
        }
    }

    private static String svg(Results results, Workload workload, List<Result> bars) {
        int height = TOP + bars.size() * BAR + 14;
        double longest = bars.get(bars.size() - 1).each();
        StringBuilder svg = new StringBuilder(String.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\" font-size=\"13\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n",
                WIDTH, height, WIDTH, height));
        text(svg, 16, 24, "start", "#1f2933", "font-weight=\"bold\" font-size=\"15\"", workload.title());
        String unit = results.where().getOrDefault("unit", "nanoseconds");
        text(
                svg,
                16,
                42,
                "start",
                "#52606d",
                "font-size=\"12\"",
                unit + " a request, less is better; Linux " + results.where().getOrDefault("kernel", "?"));
        for (int i = 0; i < bars.size(); i++) {
            Result bar = bars.get(i);
            int y = TOP + i * BAR;
            boolean ours = bar.target().startsWith("ublkdisk");
            double length = Math.max(1, bar.each() / longest * BARS);
            text(svg, LEFT - 8, y + 14, "end", "#1f2933", ours ? "font-weight=\"bold\"" : "", bar.target());
            svg.append(String.format(
                    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                    LEFT, y + 2, length, BAR - 6, ours ? OURS : OTHERS));
            text(svg, LEFT + (int) length + 6, y + 14, "start", "#1f2933", "", String.format("%,.0f", bar.each()));
        }
        return svg.append("</svg>\n").toString();
    }

    private static void text(StringBuilder svg, int x, int y, String anchor, String fill, String more, String text) {
        svg.append(String.format(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\" %s>%s</text>%n",
                x, y, anchor, fill, more, text));
    }
}
