package io.ublkdisk.fault;

/** The one check of a probability. */
final class Probability {
    private Probability() {}

    /** @throws IllegalArgumentException outside of 0..1 */
    static double checked(double value, String clause) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    clause + " " + value + " is outside of 0..1; 1 is always, 0.5 every other time");
        }
        return value + 0.0; // -0.0 becomes 0.0, so that what prints alike is equal
    }
}
