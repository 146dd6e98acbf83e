package io.ublkdisk.protocol;

/**
 * A line of a disk's scripts that has a moment, and what has become of it.
 *
 * @param text the line in its canonical form
 * @param rule the name of the rule that it arms; empty if it arms none, or one without a name that is not armed yet
 * @param state {@code waiting}, {@code done}, or {@code not done: } and why
 */
public record StepReport(String text, String rule, String state) {
    /** The step waits for its moment. */
    public static final String WAITING = "waiting";
    /** The step was done. */
    public static final String DONE = "done";

    /** Returns whether its moment came and it could be done. */
    public boolean isDone() {
        return state.equals(DONE);
    }

    /** Returns it as the protocol writes it. */
    public KeyValues fields() {
        return new KeyValues().put("rule", rule).put("state", state).put("text", text);
    }

    /** Reads what {@link #fields} wrote. */
    public static StepReport parse(KeyValues fields) {
        return new StepReport(
                fields.text("text").orElse(""),
                fields.text("rule").orElse(""),
                fields.text("state").orElse(""));
    }

    /** Returns the step as a line of the language, with the state as a comment. */
    @Override
    public String toString() {
        return text + "  # " + state;
    }
}
