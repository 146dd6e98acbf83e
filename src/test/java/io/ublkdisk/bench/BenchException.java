package io.ublkdisk.bench;

/** What is missing or wrong, said to whoever started the measurement. */
final class BenchException extends Exception {
    BenchException(String message) {
        super(message);
    }
}
