package io.ublkdisk.script;

import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.Text;

/** What a step of a script does. */
public sealed interface Command {

    /** As the language writes it. */
    String text();

    /** Arms a rule. */
    record Arm(Rule rule) implements Command {
        @Override
        public String text() {
            return rule.toString();
        }
    }

    /** {@code clear}, {@code clear NAME}: takes all rules away, or one. The name is empty for all. */
    record Clear(String ruleName) implements Command {
        @Override
        public String text() {
            return ("clear " + ruleName).strip();
        }
    }

    /** {@code release}, {@code release NAME}: lets go what all rules hold, or one. The name is empty for all. */
    record Release(String ruleName) implements Command {
        @Override
        public String text() {
            return ("release " + ruleName).strip();
        }
    }

    /**
     * {@code power-cut keep random 0.5 torn}: the cache is lost but for what is kept, and every request fails.
     *
     * @param torn of each write that is kept only the first sectors are, how many is by the seed
     */
    record PowerCut(Keep keep, boolean torn) implements Command {
        public PowerCut {
            if (torn && keep instanceof Keep.None) {
                throw new IllegalArgumentException(
                        "torn is about writes that are kept, and none is; write for instance keep all torn");
            }
        }

        @Override
        public String text() {
            return "power-cut" + keep.text() + (torn ? " torn" : "");
        }
    }

    /** {@code power-on}. */
    record PowerOn() implements Command {
        @Override
        public String text() {
            return "power-on";
        }
    }

    /** Which unflushed writes a power cut leaves. */
    sealed interface Keep {
        /** As the language writes it, with a space before it; empty for none. */
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
    }
}
