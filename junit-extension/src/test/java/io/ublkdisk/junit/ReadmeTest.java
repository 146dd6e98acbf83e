package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compares what README.md and docs/guide/quickstart.md show with what was compiled and is run. Their Java is, but for space,
 * text of the classes in {@code io.ublkdisk.example}, and their versions are those of our own build.
 */
class ReadmeTest {
    private static final Path PROJECT = Path.of("..");
    private static final Path EXAMPLES = Path.of("src/test/java/io/ublkdisk/example");

    @ParameterizedTest
    @CsvSource({"README.md, 6", "docs/guide/quickstart.md, 3"})
    void everyPieceOfJavaIsCompiledCode(String page, int fewest) throws IOException {
        String compiled = "";
        try (Stream<Path> sources = Files.list(EXAMPLES)) {
            for (Path source : sources.toList()) {
                compiled += dense(Files.readString(source)) + "\n";
            }
        }
        List<String> pieces = blocks(page, "java");
        assertThat(pieces).hasSizeGreaterThanOrEqualTo(fewest);
        for (String piece : pieces) {
            assertThat(compiled.contains(dense(piece)))
                    .as("%s is in no class of %s:%n%s", page, EXAMPLES, piece)
                    .isTrue();
        }
    }

    @Test
    void theDependencyOfTheReadmeIsTheQuickstarts() throws IOException {
        String pom = blocks("docs/guide/quickstart.md", "xml").get(0);
        assertThat(blocks("README.md", "xml"))
                .hasSize(1)
                .allMatch(piece -> dense(pom).contains(dense(piece)));
    }

    @ParameterizedTest
    @CsvSource({
        "ublkdisk-junit, ublkdisk-parent",
        "junit-jupiter, junit.version",
        "maven-surefire-plugin, surefire.version",
        "maven-compiler-plugin, maven-compiler-plugin"
    })
    void theVersionsOfTheQuickstartAreThoseOfOurBuild(String artifact, String ours) throws IOException {
        String build = Files.readString(PROJECT.resolve("pom.xml"));
        String version = ours.endsWith(".version")
                ? first(build, "<" + Pattern.quote(ours) + ">([^<]+)<")
                : first(build, "<artifactId>" + ours + "</artifactId>\\s*<version>([^<]+)<");
        assertThat(first(
                        blocks("docs/guide/quickstart.md", "xml").get(0),
                        "<artifactId>" + artifact + "</artifactId>\\s*<version>([^<]+)<"))
                .isEqualTo(version);
    }

    private static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static String dense(String code) {
        return code.replaceAll("\\s", "");
    }

    private static List<String> blocks(String page, String language) throws IOException {
        return Pattern.compile("(?s)```" + language + "\\b[^\n]*\n(.*?)```")
                .matcher(Files.readString(PROJECT.resolve(page)))
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
