package io.ublkdisk.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Effect;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.Syntax;
import io.ublkdisk.fault.effect.Effects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages and the ready-made scripts say is of the language, and every effect has its page. */
class DocumentationTest {
    private static final Path PROJECT = project();
    private static final Pattern EXAMPLE = Pattern.compile("(?s)```fault\n(.*?)```");

    private static Path project() {
        Path folder = Path.of("").toAbsolutePath();
        return Files.isDirectory(folder.resolve("fault-scripts")) ? folder : folder.getParent();
    }

    @Test
    void everyEffectHasAPageWhoseExamplesUseIt() throws IOException {
        for (String word : Effects.WORDS) {
            Path page = PROJECT.resolve("docs/faults/" + word + ".md");
            assertThat(page).exists();
            List<Script> examples = examples(page);
            assertThat(examples).as(word).isNotEmpty();
            assertThat(examples.get(0).rules())
                    .as(word)
                    .anyMatch(rule -> rule.effect().word().equals(word));
        }
        try (Stream<Path> pages = Files.list(PROJECT.resolve("docs/faults"))) {
            assertThat(pages.map(page -> page.getFileName().toString().replace(".md", "")))
                    .as(
                            "one for each word, and one for each of the two that are commands: damage at rest and the power cut")
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(Effects.WORDS.stream(), Stream.of("damage", "power-cut"))
                                    .toList());
        }
    }

    @Test
    void theGrammarPageNamesEveryWordAndItsExamplesParse() throws IOException {
        Path page = PROJECT.resolve("docs/language.md");
        assertThat(examples(page)).isNotEmpty();
        String text = Files.readString(page);
        assertThat(Effects.WORDS).allMatch(word -> text.contains('"' + word + '"'));
        assertThat(text)
                .as("the grammar of the effects; it is to be exactly this:\n%s", Effects.grammar())
                .contains("\n```text\n" + Effects.grammar() + "```\n");
        assertThat(RuleParser.CLAUSES).allMatch(word -> text.contains('"' + word + '"'));
    }

    @Test
    void everyReadyMadeScriptParses() throws IOException {
        try (Stream<Path> scripts = Files.list(PROJECT.resolve("fault-scripts"))) {
            List<Path> all =
                    scripts.filter(p -> p.toString().endsWith(".fault")).toList();
            assertThat(all).hasSizeGreaterThanOrEqualTo(12);
            for (Path script : all) {
                Script read = Script.parse(
                        Files.readString(script), script.getFileName().toString());
                assertThat(read.seed()).as(script.toString()).isPresent();
                assertThat(Files.readString(script)).startsWith("#");
                assertThat(Script.parse(read.toString(), "printed")).isEqualTo(read);
            }
        }
    }

    @Test
    void everyExampleOfEveryOtherPageParses() throws IOException {
        assertThat(examples(PROJECT.resolve("README.md"))).isNotEmpty();
        try (Stream<Path> pages = Files.walk(PROJECT.resolve("docs"))) {
            for (Path page : pages.filter(p -> p.toString().endsWith(".md")).toList()) {
                assertThat(examples(page)).as(page.toString()).isNotNull();
            }
        }
    }

    @Test
    void theExampleOfEachEffectIsARuleWithIt() {
        for (Syntax<? extends Effect> syntax : Effects.ALL) {
            Rule rule = Script.parseRule(syntax.example());
            assertThat(rule.effect().word()).isEqualTo(syntax.word());
            assertThat(Script.parseRule(rule.toString())).isEqualTo(rule);
        }
    }

    private static List<Script> examples(Path page) throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(page));
        return example.results()
                .map(found -> Script.parse(found.group(1), page.getFileName().toString()))
                .toList();
    }
}
