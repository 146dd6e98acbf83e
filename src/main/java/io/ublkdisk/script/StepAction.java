package io.ublkdisk.script;

import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.Text;
import java.util.Locale;
import java.util.Optional;

/** What a step of a script does. */
public sealed interface StepAction {

    /** Returns it in the fault language. */
    String text();

    /** Arms a rule. */
    record Arm(Rule rule) implements StepAction {
        @Override
        public String text() {
            return rule.toString();
        }
    }

    /** {@code clear}, {@code clear NAME}: takes all rules away, or one. The name is empty for all. */
    record Clear(String ruleName) implements StepAction {
        @Override
        public String text() {
            return ("clear " + ruleName).strip();
        }
    }

    /** {@code release}, {@code release NAME}: lets go what all rules hold, or one. The name is empty for all. */
    record Release(String ruleName) implements StepAction {
        @Override
        public String text() {
            return ("release " + ruleName).strip();
        }
    }

    /**
     * {@code power-cut keep random 0.5 torn}: the cache is lost but for what is kept, and every request fails.
     *
     * @param torn what of each write that is kept is there; empty: all of it
     */
    record PowerCut(Keep keep, Optional<Torn> torn) implements StepAction {
        public PowerCut {
            if (torn.isPresent() && keep instanceof Keep.None) {
                throw new IllegalArgumentException(
                        "torn is about writes that are kept, and none is; write for instance keep all torn");
            }
        }

        @Override
        public String text() {
            return "power-cut" + keep.text() + torn.map(Torn::text).orElse("");
        }
    }

    /** {@code power-on}. */
    record PowerOn() implements StepAction {
        @Override
        public String text() {
            return "power-on";
        }
    }

    /**
     * Only some sectors of a write are there: its first, its last, or any. The seed decides how many. The others have what
     * was there before, zeroes or noise.
     *
     * @param atomicBytes what is written wholly or not at all, from the disk's beginning on; 0 for a logical block
     */
    record Torn(Side side, Rest rest, long atomicBytes) {
        public Torn {
            if (atomicBytes % 512 != 0 || atomicBytes < 0 || atomicBytes > LARGEST_ATOMIC) {
                throw new IllegalArgumentException("atomic " + atomicBytes
                        + "B is no number of whole sectors up to 1MiB; write for instance atomic 4KiB");
            }
        }

        private static final long LARGEST_ATOMIC = 1 << 20;

        /** Which sectors are there. */
        public enum Side {
            LEFT,
            RIGHT,
            SUBSET
        }

        /** What is in the others. */
        public enum Rest {
            OLD,
            ZEROES,
            GARBAGE
        }

        String text() {
            return " torn" + (side == Side.LEFT ? "" : " " + side.name().toLowerCase(Locale.ROOT))
                    + (rest == Rest.OLD ? "" : " " + rest.name().toLowerCase(Locale.ROOT))
                    + (atomicBytes == 0 ? "" : " atomic " + atomicBytes + "B");
        }
    }

    /** Which unflushed writes a power cut leaves. */
    sealed interface Keep {
        /** Returns it in the fault language, with a space before it; empty for no clause. */
        String text();

        record None() implements Keep {
            @Override
            public String text() {
                return "";
            }
        }

        record All() implements Keep {
            @Override
            public String text() {
                return " keep all";
            }
        }

        /** Each with that probability, by the seed. */
        record Random(double probability) implements Keep {
            public Random {
                if (!(probability >= 0 && probability <= 1)) {
                    throw new IllegalArgumentException("keep random " + probability + " is outside of 0..1");
                }
                probability += 0.0;
            }

            @Override
            public String text() {
                return " keep random " + Text.number(probability);
            }
        }

        /** The oldest ones. */
        record First(long writes) implements Keep {
            @Override
            public String text() {
                return " keep first " + writes;
            }
        }

        /** Those of these numbers, counted from the first change that the disk ever had. */
        record Only(Ranges sequences) implements Keep {
            @Override
            public String text() {
                return " keep only " + sequences;
            }
        }
    }
}
