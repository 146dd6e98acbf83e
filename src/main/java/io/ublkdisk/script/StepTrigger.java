package io.ublkdisk.script;

import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Text;

/** When a step of a script happens. */
public sealed interface StepTrigger {
    StepTrigger START = new Start();

    /** Returns it in the fault language, with a space after it; empty for the start. */
    String text();

    /** When the script begins, before the first request. */
    record Start() implements StepTrigger {
        @Override
        public String text() {
            return "";
        }
    }

    /** {@code after 10s}: so long after the script began. */
    record After(long nanos) implements StepTrigger {
        public After {
            if (nanos < 1) {
                throw new IllegalArgumentException("after no time is at the start; leave the moment out");
            }
        }

        @Override
        public String text() {
            return "after " + Text.time(nanos) + " ";
        }
    }

    /** {@code at mark "loaded"}: when that mark is set for the first time. */
    record AtMark(String mark) implements StepTrigger {
        @Override
        public String text() {
            return "at mark " + Text.quoted(mark) + " ";
        }
    }

    /**
     * {@code at flush 3}: when the request of that kind and number arrives, counted from 1, before rules are asked about it.
     */
    record AtRequest(Kind kind, long number) implements StepTrigger {
        public AtRequest {
            if (number < 1) {
                throw new IllegalArgumentException("the first " + kind.word() + " is 1; there is no 0");
            }
        }

        @Override
        public String text() {
            return "at " + kind.word() + " " + number + " ";
        }
    }

    /** {@code when dying fires}: the first time that the rule does. */
    record WhenFires(String ruleName) implements StepTrigger {
        public WhenFires {
            Text.checkName(ruleName);
        }

        @Override
        public String text() {
            return "when " + ruleName + " fires ";
        }
    }
}
