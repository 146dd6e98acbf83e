package io.ublkdisk.server.mount;

import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.process.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel's own words about something that failed, from its log, as {@code dmesg} prints it. */
final class KernelLog {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Pattern LINE = Pattern.compile("\\[ *(\\d+\\.\\d+)] (.*)");
    private static final int MOST_LINES = 3;

    /** By so much the log's clock may differ from ours. */
    private static final double SLACK_SECONDS = 1;

    private KernelLog() {}

    /** Returns the last lines of that time until now that have one of these words; nothing if the log cannot be read. */
    static List<String> ofLast(Duration time, List<String> words) {
        try {
            double uptime =
                    Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
            Tool dmesg = Tool.start(List.of("dmesg", "--color=never"));
            if (!dmesg.await(LIMIT)) {
                dmesg.kill();
                return List.of();
            }
            return dmesg.succeeded() ? select(dmesg.said(), uptime - time.toMillis() / 1e3, words) : List.of();
        } catch (IOException e) {
            Log.debug("no kernel log: " + e.getMessage());
            return List.of();
        }
    }

    /** Returns those lines of a log without their times, the newest three. */
    static List<String> select(String log, double begun, List<String> words) {
        List<String> found = new ArrayList<>();
        for (String line : log.split("\n")) {
            Matcher form = LINE.matcher(line);
            if (form.matches()
                    && Double.parseDouble(form.group(1)) >= begun - SLACK_SECONDS
                    && words.stream().anyMatch(word -> lower(form.group(2)).contains(lower(word)))) {
                found.add(form.group(2));
            }
        }
        return found.subList(Math.max(0, found.size() - MOST_LINES), found.size());
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
