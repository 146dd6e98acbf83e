package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What must not stand in our sources, and what to write instead. */
class BanListTest {

    /** Fewer sources than this, and the test has looked in the wrong place and proves nothing. */
    private static final int FEWEST_SOURCES = 100;

    private record Ban(String pattern, String instead, Predicate<String> where) {
        boolean hit(String path, String line) {
            return where.test(path) && Pattern.compile(pattern).matcher(line).find();
        }
    }

    private static final Predicate<String> MAIN = path -> path.contains("/main/java/");
    private static final Predicate<String> EVERYWHERE = path -> !path.endsWith("/house/BanListTest.java");

    private static final List<Ban> BANS = List.of(
            new Ban("Thread\\.sleep", "a due time: Request.runAt, or a wait with a bound", MAIN),
            new Ban("System\\.nanoTime", "Clock.nanos()", MAIN.and(p -> !p.endsWith("/block/Clock.java"))),
            new Ban("new Random\\(|Math\\.random|ThreadLocalRandom", "keyed randomness: fault.Seed", MAIN),
            new Ban("\\bFIXME\\b|\\bXXX\\b", "mend it, or file an issue", EVERYWHERE),
            new Ban(
                    "@Disabled\\b",
                    "a test that runs, or a skip that names the kernel version that lifts it",
                    EVERYWHERE),
            new Ban("LastErrorException", "the errno, read at once", EVERYWHERE),
            new Ban("sun\\.misc\\.Unsafe", "ByteBuffer and VarHandle", EVERYWHERE),
            new Ban(
                    "System\\.(out|err)\\b",
                    "a return value; only the cli room prints, and what tests say where build tools keep it",
                    MAIN.and(p -> !p.contains("/cli/") && !p.endsWith("/report/StandardOutput.java"))),
            new Ban("System\\.exit", "an exception; only the cli room exits", MAIN.and(p -> !p.contains("/cli/"))),
            new Ban("\\bclass \\w+(Manager|Helper|Util|Utils|Service|Impl)\\b", "the name of what it is", EVERYWHERE));

    @Test
    void sourcesHoldNothingThatIsBanned() throws IOException {
        List<Path> sources = sources();
        assertThat(sources).hasSizeGreaterThanOrEqualTo(FEWEST_SOURCES);
        List<String> hits = new ArrayList<>();
        for (Path source : sources) {
            List<String> lines = Files.readAllLines(source);
            for (int i = 0; i < lines.size(); i++) {
                for (Ban ban : BANS) {
                    if (ban.hit(source.toString(), lines.get(i))) {
                        hits.add(source + ":" + (i + 1) + " has " + ban.pattern + "; instead: " + ban.instead);
                    }
                }
            }
        }
        assertThat(hits).isEmpty();
    }

    /** The Java sources of both modules; tests run with the module's folder as their working directory. */
    private static List<Path> sources() {
        Path project = Path.of("").toAbsolutePath().getParent();
        try (Stream<Path> src = Files.walk(project.resolve("src"));
                Stream<Path> extension = Files.walk(project.resolve("junit-extension"))) {
            return Stream.concat(src, extension)
                    .filter(path -> path.toString().endsWith(".java"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
