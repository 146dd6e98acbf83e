package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.DiskEndedException;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.ServerDiedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BiFunction;

/** Questions to the disk server from methods that a test calls, with errors as a test wants them. */
final class Unchecked {
    private Unchecked() {}

    interface Question<T> {
        T ask() throws IOException;
    }

    interface Order {
        void give() throws IOException;
    }

    /** Whatever goes wrong is the machine's fault, unless the disk is gone, and should not be asked any more. */
    static <T> T of(Question<T> question) {
        try {
            return question.ask();
        } catch (DiskEndedException gone) {
            throw new IllegalStateException(gone.getMessage(), gone);
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

    /** Returns what the server refuses is the test's mistake: {@link IllegalArgumentException}. */
    static <T> T accepted(Question<T> question) {
        return refusedAs(IllegalArgumentException::new, question);
    }

    /** Returns what the server refuses is wrong at this moment: {@link IllegalStateException}. */
    static <T> T allowed(Question<T> question) {
        return refusedAs(IllegalStateException::new, question);
    }

    private static <T> T refusedAs(BiFunction<String, Throwable, RuntimeException> error, Question<T> question) {
        try {
            return question.ask();
        } catch (DiskEndedException gone) {
            throw new IllegalStateException(gone.getMessage(), gone);
        } catch (ServerDiedException e) {
            throw new UncheckedIOException(e);
        } catch (DiskException refused) {
            throw error.apply(refused.getMessage(), refused);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
