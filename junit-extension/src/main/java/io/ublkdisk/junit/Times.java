package io.ublkdisk.junit;

import org.apiguardian.api.API;

/** How often a fault must have fired: a range of counts, both ends included, and the words for it. */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public final class Times {
    private final long least;
    private final long most;
    private final String words;

    private Times(long least, long most, String words) {
        if (least < 0) {
            throw new IllegalArgumentException("a fault cannot fire " + least + " times; use neverFired() for none");
        }
        this.least = least;
        this.most = most;
        this.words = words;
    }

    /** Exactly that often. */
    public static Times times(long count) {
        return new Times(count, count, "exactly " + count + (count == 1 ? " time" : " times"));
    }

    /** Returns a range of counts: that often or more. */
    public static Times atLeast(long count) {
        return new Times(count, Long.MAX_VALUE, "at least " + count + (count == 1 ? " time" : " times"));
    }

    /** Returns a range of counts: that often or less, also never. */
    public static Times atMost(long count) {
        return new Times(count < 0 ? count : 0, count, "at most " + count + (count == 1 ? " time" : " times"));
    }

    /** Returns whether that count is in the range. */
    public boolean includes(long count) {
        return count >= least && count <= most;
    }

    @Override
    public String toString() {
        return words;
    }
}
