package io.ublkdisk.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Reads a stream to its end on a thread of its own and remembers how it ended. */
final class LastLines {
    static final int LIMIT = 20;

    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private final CountDownLatch end = new CountDownLatch(1);

    LastLines(String threadName, InputStream stream, Consumer<String> each) {
        Thread reader = new Thread(() -> read(stream, each), threadName);
        reader.setDaemon(true);
        reader.start();
    }

    /** Waits that long at most for the stream to end. */
    List<String> await(long millis) {
        boolean interrupted = false;
        try {
            end.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    private void read(InputStream stream, Consumer<String> each) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (lines) {
                    if (lines.size() == LIMIT) {
                        lines.remove();
                    }
                    lines.add(line);
                }
                each.accept(line);
            }
        } catch (IOException e) {
            each.accept("(the stream broke: " + e + ")");
        } finally {
            end.countDown();
        }
    }
}
