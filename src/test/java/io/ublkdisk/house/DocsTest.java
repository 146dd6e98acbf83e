package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Holds the form of README.md and of the pages under docs/. What stands in their blocks is checked by others: Java is compiled by
 * JavaBlocksTest, scripts are parsed by DocumentationTest, commands are checked by ShellBlocksTest and run by ReadmeShellIT.
 */
class DocsTest {
    private static final Set<String> LANGUAGES = Set.of(
            "java", "fault", "sh", "text", "xml", "json", "yaml", "toml", "groovy", "kotlin", "ebnf", "diff", "");

    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

    /** What may only become less. Lower the number when you have mended some. */
    private static final int BLOCKS_WITHOUT_LANGUAGE = 11;

    private static final int WIDE_TABLE_LINES = 19;
    private static final int WIDEST_TABLE_LINE = 120;

    private final List<MarkdownPage> pages;

    DocsTest() throws IOException {
        pages = MarkdownPage.all();
    }

    @Test
    void seesThePages() {
        assertThat(pages).hasSizeGreaterThan(30);
        assertThat(pages.stream().mapToInt(page -> page.blocks().size()).sum()).isGreaterThan(50);
    }

    @Test
    void everyBlockSaysWhatItIs() {
        List<String> without = new ArrayList<>();
        for (MarkdownPage page : pages) {
            for (MarkdownPage.Block block : page.blocks()) {
                String language = block.info().split(" ")[0];
                assertThat(LANGUAGES)
                        .as("%s:%d: the language of a block", page.path(), block.line())
                        .contains(language);
                if (language.isEmpty()) {
                    without.add(page.path() + ":" + block.line());
                }
            }
        }
        assertThat(without).hasSizeLessThanOrEqualTo(BLOCKS_WITHOUT_LANGUAGE);
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> wrong = new ArrayList<>();
        int links = 0;
        for (MarkdownPage page : pages) {
            for (MarkdownPage.Line line : page.words()) {
                for (Matcher link = LINK.matcher(line.text()); link.find(); links++) {
                    if (leadsNowhere(page, link.group(1))) {
                        wrong.add(page.path() + ":" + line.number() + ": " + link.group(1) + " leads nowhere");
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(links).isGreaterThan(50);
    }

    private static boolean leadsNowhere(MarkdownPage page, String link) throws IOException {
        if (link.matches("[a-z]+:.*")) {
            return false; // another site
        }
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        String anchor = hash < 0 ? "" : link.substring(hash + 1);
        Path from = MarkdownPage.PROJECT.resolve(page.path());
        Path to = file.isEmpty() ? from : from.resolveSibling(file).normalize();
        if (!Files.exists(to)) {
            return true;
        }
        return !anchor.isEmpty()
                && !MarkdownPage.read(MarkdownPage.PROJECT.relativize(to).toString())
                        .anchors()
                        .contains(anchor);
    }

    @Test
    void wordsArePlain() {
        List<String> dark = new ArrayList<>();
        for (MarkdownPage page : pages) {
            for (MarkdownPage.Line line : page.words()) {
                dark.addAll(HouseRules.notPlain(page.path() + ":" + line.number(), line.text()));
            }
        }
        assertThat(dark).isEmpty();
    }

    @Test
    void linesOfTablesFitAScreen() {
        List<String> wide = new ArrayList<>();
        for (MarkdownPage page : pages) {
            for (MarkdownPage.Line line : page.prose()) {
                if (line.text().startsWith("|") && line.text().length() > WIDEST_TABLE_LINE) {
                    wide.add(page.path() + ":" + line.number() + ": "
                            + line.text().length() + " columns");
                }
            }
        }
        assertThat(wide).hasSizeLessThanOrEqualTo(WIDE_TABLE_LINES);
    }
}
