package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A clause of a scope that a request must meet, beside its kind and its sectors. Clauses side by side must all hold. */
public sealed interface Condition {

    /** Returns whether it holds for the request. Allocates nothing. */
    boolean holds(Request request, States states);

    /** Returns it in the fault language. */
    String text();

    /** Which rules are on: have fired, and are not over. */
    @FunctionalInterface
    interface States {
        boolean isOn(String ruleName);
    }

    /** {@code fua}, {@code metadata}: the kernel marked the request so. */
    record Flagged(Kind kind) implements Condition {
        public Flagged {
            if (kind.flag() == 0) {
                throw new IllegalArgumentException(kind.word() + " is an operation and no mark; say it after on");
            }
        }

        @Override
        public boolean holds(Request request, States states) {
            return (request.flags() & kind.flag()) != 0 && kind.operations().contains(request.operation());
        }

        @Override
        public String text() {
            return kind.word();
        }
    }

    /** {@code size 4KiB..64KiB}: the length of the request in bytes. */
    record Sized(Ranges bytes) implements Condition {
        @Override
        public boolean holds(Request request, States states) {
            return bytes.contains(request.lengthBytes());
        }

        @Override
        public String text() {
            return "size " + bytes.text(Text::size);
        }
    }

    /**
     * {@code containing "text"}: the data of a write has these bytes somewhere. So a test can aim at its own record without
     * knowing where the filesystem puts it; a record that is split over two requests is not found.
     *
     * @param latin1 one character, 0 to 255, for each byte
     */
    record Containing(String latin1) implements Condition {
        public Containing {
            if (latin1.isEmpty()) {
                throw new IllegalArgumentException("containing \"\" would be every write; leave the clause out");
            }
        }

        public static Containing bytes(byte[] bytes) {
            return new Containing(new String(bytes, StandardCharsets.ISO_8859_1));
        }

        @Override
        public boolean holds(Request request, States states) {
            if (request.operation() != Operation.WRITE) {
                return false; // a read has no data yet, a discard never has
            }
            ByteBuffer data = request.data();
            int last = (int) request.lengthBytes() - latin1.length();
            for (int at = 0; at <= last; at++) {
                if (startsAt(data, at)) {
                    return true;
                }
            }
            return false;
        }

        private boolean startsAt(ByteBuffer data, int at) {
            for (int i = 0; i < latin1.length(); i++) {
                if (data.get(at + i) != (byte) latin1.charAt(i)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String text() {
            return "containing " + Text.quoted(latin1.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /** {@code while dying}: the rule of that name has fired and is not over. */
    record While(String ruleName) implements Condition {
        public While {
            Text.checkName(ruleName);
        }

        @Override
        public boolean holds(Request request, States states) {
            return states.isOn(ruleName);
        }

        @Override
        public String text() {
            return "while " + ruleName;
        }
    }

    /** {@code not metadata}. */
    record Not(Condition condition) implements Condition {
        @Override
        public boolean holds(Request request, States states) {
            return !condition.holds(request, states);
        }

        @Override
        public String text() {
            return "not " + condition.text();
        }
    }
}
