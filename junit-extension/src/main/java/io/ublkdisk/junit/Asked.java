package io.ublkdisk.junit;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.ServerDiedException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Questions to the disk server from methods that a test calls, with errors as a test wants them. */
final class Asked {
    private Asked() {}

    interface Question<T> {
        T ask() throws IOException;
    }

    interface Order {
        void give() throws IOException;
    }

    /** Whatever goes wrong is the machine's fault. */
    static <T> T of(Question<T> question) {
        try {
            return question.ask();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void to(Order order) {
        of(() -> {
            order.give();
            return null;
        });
    }

    /** What the server refuses is the test's mistake: {@link IllegalArgumentException}. */
    static <T> T accepted(Question<T> question) {
        try {
            return question.ask();
        } catch (ServerDiedException e) {
            throw new UncheckedIOException(e);
        } catch (DiskException refused) {
            throw new IllegalArgumentException(refused.getMessage(), refused);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
