package io.ublkdisk.crash;

/**
 * How much of a torn write is there; the rest of its sectors is what it was.
 *
 * @param left whether its first sectors are there; else its last
 * @param sectorCount how many; at least one, and not all
 */
public record Tear(boolean left, int sectorCount) {
    @Override
    public String toString() {
        return (left ? "<" : ">") + sectorCount;
    }
}
