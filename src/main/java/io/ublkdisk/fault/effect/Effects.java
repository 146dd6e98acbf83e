package io.ublkdisk.fault.effect;

import io.ublkdisk.fault.Effect;
import io.ublkdisk.fault.Syntax;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** All effects: the one list of which the parser, the grammar and the hints of the fault language are made. */
public final class Effects {
    /** In the order of a request's way: link, cache, media. */
    public static final List<Syntax<? extends Effect>> ALL = List.of(
            FailEffect.SYNTAX,
            DelayEffect.SYNTAX,
            SlowDownEffect.SYNTAX,
            ThrottleEffect.SYNTAX,
            HoldEffect.SYNTAX,
            NoteEffect.SYNTAX,
            DisconnectEffect.SYNTAX,
            ReadOnlyEffect.SYNTAX,
            WearEffect.SYNTAX,
            LieEffect.SYNTAX,
            FlipEffect.SYNTAX,
            SetEffect.SYNTAX,
            ZeroEffect.SYNTAX,
            GarbageEffect.SYNTAX,
            LoseEffect.SYNTAX,
            TearEffect.SYNTAX,
            MisdirectEffect.SYNTAX,
            StaleEffect.SYNTAX,
            BadSectorEffect.SYNTAX);

    /** The words of all effects, in that order. */
    public static final List<String> WORDS =
            ALL.stream().<String>map(Syntax::word).toList();

    private static final Map<String, Syntax<? extends Effect>> BY_WORD =
            ALL.stream().collect(Collectors.toMap(Syntax::word, syntax -> syntax));

    private Effects() {}

    /** Returns whether an effect has that word. */
    public static boolean has(String word) {
        return BY_WORD.containsKey(word);
    }

    /**
     * Returns how the effect of that word is written.
     *
     * @throws IllegalArgumentException if there is no such effect
     */
    public static Syntax<? extends Effect> syntax(String word) {
        Syntax<? extends Effect> found = BY_WORD.get(word);
        if (found == null) {
            throw new IllegalArgumentException(
                    "no effect is called '" + word + "'; write one of " + String.join(", ", WORDS));
        }
        return found;
    }

    /** Returns the words of the effects that such a word of other tools may mean; empty if it means none. */
    public static List<String> meantBy(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return ALL.stream()
                .filter(syntax -> syntax.alsoCalled().contains(lower))
                .<String>map(Syntax::word)
                .toList();
    }

    /** Returns the grammar of all effects, as docs/language.md shows it. */
    public static String grammar() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ALL.size(); i++) {
            String production = ALL.get(i).grammar().replace("\n", "\n            ");
            text.append(i == 0 ? "effect    = " : "          | ")
                    .append(production)
                    .append('\n');
        }
        return text.append("latency   = ")
                .append(Latency.GRAMMAR.replace("\n", "\n          "))
                .append("\nspan      = ")
                .append(Span.GRAMMAR)
                .append('\n')
                .toString();
    }
}
