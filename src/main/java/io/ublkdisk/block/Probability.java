package io.ublkdisk.block;

/** The one check of a probability. */
public final class Probability {
    private Probability() {}

    /** @throws IllegalArgumentException outside of 0..1 */
    public static double checked(double value, String clause) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    clause + " " + value + " is outside of 0..1; 1 is always, 0.5 every other time");
        }
        return value + 0.0; // -0.0 becomes 0.0, so that what prints alike is equal
    }
}
