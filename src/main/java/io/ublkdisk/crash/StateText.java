package io.ublkdisk.crash;

import java.math.BigInteger;
import java.util.BitSet;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of crash states. What survives of an epoch, by the numbers of its changes, in the shortest form:
 *
 * <pre>
 *   e3:all   e3:none   e3:upto-17   e3:only-4+7..9   e3:all-but-17+20   e3:x1f7   (one bit per change, the first is the lowest)
 *   ,t19&lt;3   and change 19 has only its first 3 sectors      ,t19&gt;3   its last 3
 * </pre>
 */
final class StateText {
    private static final Pattern FORM = Pattern.compile("e(\\d+):([^,]+)((?:,t\\d+[<>]\\d+)*)");
    private static final Pattern TEAR = Pattern.compile(",t(\\d+)([<>])(\\d+)");
    private static final String UPTO = "upto-";
    private static final String ONLY = "only-";
    private static final String ALL_BUT = "all-but-";

    private StateText() {}

    static String print(Epoch epoch, BitSet surviving, SortedMap<Long, Tear> tears) {
        StringBuilder text = new StringBuilder("e")
                .append(epoch.number())
                .append(':')
                .append(set(epoch.first(), epoch.changes().size(), surviving));
        tears.forEach((number, tear) -> text.append(",t").append(number).append(tear));
        return text.toString();
    }

    private static String set(long first, int count, BitSet surviving) {
        int there = surviving.cardinality();
        if (there == count) {
            return "all";
        }
        if (there == 0) {
            return "none";
        }
        if (surviving.nextClearBit(0) == there) {
            return UPTO + (first + there - 1);
        }
        BitSet lost = new BitSet(count);
        lost.set(0, count);
        lost.andNot(surviving);
        String list = 2 * there >= count ? ALL_BUT + list(first, lost) : ONLY + list(first, surviving);
        String bits = "x" + new BigInteger(1, reversed(surviving.toByteArray())).toString(16);
        // A list says more than a number to whoever reads it.
        return list.length() <= Math.max(bits.length(), 40) ? list : bits;
    }

    private static String list(long first, BitSet set) {
        StringBuilder text = new StringBuilder();
        for (int from = set.nextSetBit(0); from >= 0; ) {
            int end = set.nextClearBit(from);
            text.append(text.isEmpty() ? "" : "+").append(first + from);
            if (end - from > 1) {
                text.append("..").append(first + end - 1);
            }
            from = set.nextSetBit(end);
        }
        return text.toString();
    }

    /** @throws IllegalArgumentException if it is not a state, or not of that epoch */
    static CrashState parse(Epoch epoch, String id) {
        Matcher form = FORM.matcher(id);
        if (!form.matches() || number(form.group(1), id) != epoch.number()) {
            throw wrong(id, "of epoch " + epoch.number() + " it would begin with e" + epoch.number() + ":");
        }
        BitSet surviving = surviving(epoch, form.group(2), id);
        Map<Long, Tear> tears = new TreeMap<>();
        Matcher tear = TEAR.matcher(form.group(3));
        while (tear.find()) {
            tears.put(number(tear.group(1), id), new Tear(tear.group(2).equals("<"), (int)
                    Math.min(Integer.MAX_VALUE, number(tear.group(3), id))));
        }
        CrashState state = epoch.state(surviving, tears);
        if (!state.surviving().equals(surviving) || !state.tears().equals(tears)) {
            throw wrong(id, "no crash leaves that; one that does is " + state.id());
        }
        return state;
    }

    private static BitSet surviving(Epoch epoch, String set, String id) {
        int count = epoch.changes().size();
        BitSet found = new BitSet(count);
        if (set.equals("all")) {
            found.set(0, count);
        } else if (set.startsWith(UPTO)) {
            found.set(0, index(epoch, set.substring(UPTO.length()), id) + 1);
        } else if (set.startsWith(ONLY)) {
            found.or(listed(epoch, set.substring(ONLY.length()), id));
        } else if (set.startsWith(ALL_BUT)) {
            found.set(0, count);
            found.andNot(listed(epoch, set.substring(ALL_BUT.length()), id));
        } else if (set.matches("x[0-9a-f]+")) {
            found = BitSet.valueOf(reversed(new BigInteger(set.substring(1), 16).toByteArray()));
            if (found.length() > count) {
                throw wrong(id, "epoch " + epoch.number() + " has " + count + " changes only");
            }
        } else if (!set.equals("none")) {
            throw wrong(id, "write what survives as all, none, upto-N, only-N+N..N, all-but-N+N..N or xHEX");
        }
        return found;
    }

    private static BitSet listed(Epoch epoch, String list, String id) {
        BitSet set = new BitSet();
        for (String part : list.split("\\+")) {
            int dots = part.indexOf("..");
            int from = index(epoch, dots < 0 ? part : part.substring(0, dots), id);
            int to = dots < 0 ? from : index(epoch, part.substring(dots + 2), id);
            if (to < from) {
                throw wrong(id, part + " is reversed");
            }
            set.set(from, to + 1);
        }
        return set;
    }

    private static int index(Epoch epoch, String text, String id) {
        long number = number(text, id);
        if (number < epoch.first() || number >= epoch.end()) {
            throw wrong(
                    id,
                    epoch.changes().isEmpty()
                            ? "epoch " + epoch.number() + " has no changes"
                            : "epoch " + epoch.number() + " has the changes " + epoch.first() + " to "
                                    + (epoch.end() - 1));
        }
        return (int) (number - epoch.first());
    }

    private static long number(String text, String id) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw wrong(id, "'" + text + "' is no number");
        }
    }

    private static IllegalArgumentException wrong(String id, String why) {
        return new IllegalArgumentException("'" + id + "' is no crash state of this recording: " + why);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }
}
