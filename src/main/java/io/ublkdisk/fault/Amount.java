package io.ublkdisk.fault;

import java.time.Duration;

/** How much of something: requests, bytes or time. */
public record Amount(long value, Unit unit) {

    public enum Unit {
        REQUESTS,
        BYTES,
        NANOS
    }

    public Amount {
        if (value < 1) {
            throw new IllegalArgumentException("the amount " + value + " is nothing; write 1 or more");
        }
    }

    public static Amount requests(long count) {
        return new Amount(count, Unit.REQUESTS);
    }

    public static Amount bytes(long bytes) {
        return new Amount(bytes, Unit.BYTES);
    }

    public static Amount time(Duration time) {
        return new Amount(time.toNanos(), Unit.NANOS);
    }

    /** {@code 100 requests}, {@code 10MiB}, {@code 5s}. */
    @Override
    public String toString() {
        return switch (unit) {
            case REQUESTS -> value + (value == 1 ? " request" : " requests");
            case BYTES -> value % 1024 == 0 ? Text.size(value) : value + "B";
            case NANOS -> Text.time(value);
        };
    }
}
