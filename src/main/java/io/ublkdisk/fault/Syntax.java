package io.ublkdisk.fault;

import java.util.List;
import java.util.function.Function;

/**
 * How an effect is written in the fault language. Each effect has one, in its own file; the parser, the grammar of the
 * documentation and the hints of error messages are made of it.
 *
 * @param word the effect's one word
 * @param settings what follows the word, as grammar: {@code NUMBER "bits" [ "transient" ]}; empty for nothing
 * @param example a whole rule with the effect
 * @param alsoCalled words of other tools and of plain speech that mean the effect
 * @param reader reads the settings
 */
public record Syntax<E extends Effect>(
        String word, String settings, String example, List<String> alsoCalled, Function<ValueReader, E> reader) {

    /** Describes an effect without settings. */
    public static <E extends Effect> Syntax<E> of(String word, String example, List<String> alsoCalled, E effect) {
        return new Syntax<>(word, "", example, alsoCalled, values -> effect);
    }

    /** Returns the line of grammar: the word in quotes, and its settings. */
    public String grammar() {
        return '"' + word + '"' + (settings.isEmpty() ? "" : " " + settings);
    }
}
