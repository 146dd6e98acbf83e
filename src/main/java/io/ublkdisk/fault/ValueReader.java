package io.ublkdisk.fault;

import io.ublkdisk.block.BlockStatus;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads the settings of an effect from the text of a rule, word by word. Each method reads what comes next, or throws an
 * {@link IllegalArgumentException} that names the place, what was found and what was expected.
 *
 * <p>{@code what} says in a message what was expected: {@code a number of sectors}.
 */
public interface ValueReader {
    /** Reads that word, if it comes next. @return whether it came */
    boolean takes(String word);

    /** Reads one of these words. @return which */
    String word(String... words);

    /** Returns whether a number comes next. It reads nothing. */
    boolean isNumber();

    /** Returns the error for what comes next, where one of these was expected. */
    IllegalArgumentException expected(List<String> choices);

    /** Reads a whole number from 0 up to {@link Integer#MAX_VALUE}. */
    int smallNumber(String what);

    /** Reads a whole number from 1 up to {@link Integer#MAX_VALUE}. */
    int positive(String what);

    /** Reads a whole number that may be negative. */
    long signed(String what);

    /** Reads a byte: {@code 0xff}. */
    int hexByte();

    /** Reads a decimal fraction from 0: {@code 0.5}. */
    double fraction(String what);

    /** Reads a time, {@code 1.5ms}. @return nanoseconds */
    long time(String what);

    /** Reads two times, {@code 1ms..5ms}. @return nanoseconds, the first and the second */
    long[] times(String what);

    /** Reads {@code 100 requests}, {@code 10MiB} or {@code 5s}. @param counted the words for what is counted, singular and plural */
    Amount amount(String... counted);

    /** Reads runs of numbers: {@code 8..15,32,40+8,100..}. */
    Ranges numbers(String what);

    /** Reads a status by its name, {@code MEDIUM}; never {@link BlockStatus#OK}. */
    BlockStatus status();

    /** Runs that, and marks what it read, from here on, as the place of an {@link IllegalArgumentException} of its own. */
    <T> T checked(Supplier<T> make);
}
