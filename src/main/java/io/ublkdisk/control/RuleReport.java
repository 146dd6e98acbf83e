package io.ublkdisk.control;

/**
 * A rule of a disk and what it has done so far.
 *
 * @param text its canonical form in the fault language
 * @param matched requests that were in its scope
 * @param fired requests that it changed
 */
public record RuleReport(String name, long matched, long fired, String text) {

    /** Returns it as the protocol writes it, on one line. */
    public String line() {
        return fields().line();
    }

    /** Returns it as the protocol writes it. */
    public KeyValues fields() {
        return new KeyValues()
                .put("name", name)
                .put("matched", matched)
                .put("fired", fired)
                .put("text", text);
    }

    /** Reads what {@link #fields} wrote. */
    public static RuleReport parse(KeyValues fields) {
        return new RuleReport(
                fields.text("name").orElse("?"),
                fields.number("matched", 0),
                fields.number("fired", 0),
                fields.text("text").orElse(""));
    }
}
