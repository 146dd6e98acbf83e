package io.ublkdisk.fault;

import io.ublkdisk.block.Probability;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which of the requests in scope a rule hits. They are asked in this order, and each must agree:
 *
 * <ol>
 *   <li>{@code after}: so many requests in scope, or their bytes, or so much time since the rule was armed, must have
 *       passed. What passed before is not counted by anything below.
 *   <li>From here on requests are counted; the first is 1. {@code since NAME} begins again at 1 each time that the rule NAME
 *       fires, and counts nothing before it first has.
 *   <li>{@code nth 3}, {@code nth 2,5..7}: by that count. {@code every 10}: if the count divides by it. {@code sequence
 *       wwxW}: w passes and x hits, the last letter as a capital goes on for ever; after the end all pass.
 *   <li>{@code with probability 0.1}: keyed by seed, rule, sector and how often the rule asked there.
 *   <li>{@code times 5}: at most so often.
 * </ol>
 *
 * @param since a rule's name, empty for none
 * @param every 1 for each
 * @param sequence empty for none
 * @param times {@link #UNLIMITED} for no limit
 */
public record Trigger(
        Optional<Amount> after,
        String since,
        Optional<Ranges> nth,
        long every,
        String sequence,
        double probability,
        long times) {

    public static final long UNLIMITED = Long.MAX_VALUE;
    public static final Trigger ALWAYS = new Trigger(Optional.empty(), "", Optional.empty(), 1, "", 1, UNLIMITED);
    private static final Pattern SEQUENCE = Pattern.compile("[wx]*[wxWX]");

    /** @throws IllegalArgumentException if it could never fire, or is out of range */
    public Trigger {
        if (!since.isEmpty()) {
            Text.checkName(since);
        }
        if (nth.isPresent() && nth.get().contains(0)) {
            throw new IllegalArgumentException("nth 0 never comes; the first request is nth 1");
        }
        if (every < 1) {
            throw new IllegalArgumentException("every " + every + " cannot be counted; write 1 or more");
        }
        if (times < 1) {
            throw new IllegalArgumentException("times " + times + " is never; write 1 or more, or leave the rule out");
        }
        if (!sequence.isEmpty() && !SEQUENCE.matcher(sequence).matches()) {
            throw new IllegalArgumentException(
                    "a sequence is made of w (pass) and x (hit), the last may be W or X (for ever)");
        }
        if (!sequence.isEmpty() && sequence.toLowerCase(Locale.ROOT).indexOf('x') < 0) {
            throw new IllegalArgumentException(
                    "sequence " + sequence + " hits no request; give it an x where it is to, for instance wwx");
        }
        if (!sequence.isEmpty() && (nth.isPresent() || every != 1)) {
            throw new IllegalArgumentException(
                    "a sequence already says which of the requests; leave nth and every out");
        }
        if (nth.isPresent() && !nth.get().hasMultipleOf(every)) {
            throw new IllegalArgumentException(
                    "nth " + nth.get() + " and every " + every + " never meet; leave one of the two out");
        }
        probability = Probability.checked(probability, "probability");
    }

    /** Returns whether the request of that ordinal, counted from 1, is one of them. */
    boolean takes(long ordinal) {
        if (!sequence.isEmpty()) {
            int last = sequence.length() - 1;
            char letter = ordinal <= last
                    ? sequence.charAt((int) (ordinal - 1))
                    : ordinal == last + 1 || Character.isUpperCase(sequence.charAt(last)) ? sequence.charAt(last) : 'w';
            return letter == 'x' || letter == 'X';
        }
        return ordinal % every == 0 && (nth.isEmpty() || nth.get().contains(ordinal));
    }

    /** Returns it in the fault language, each clause with a space before it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        after.ifPresent(a -> text.append(" after ").append(a));
        if (!since.isEmpty()) {
            text.append(" since ").append(since);
        }
        nth.ifPresent(n -> text.append(" nth ").append(n));
        if (every != 1) {
            text.append(" every ").append(every);
        }
        if (!sequence.isEmpty()) {
            text.append(" sequence ").append(sequence);
        }
        if (probability != 1) {
            text.append(" with probability ").append(Text.number(probability));
        }
        if (times != UNLIMITED) {
            text.append(" times ").append(times);
        }
        return text.toString();
    }
}
