package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MarkdownPageTest {
    @Test
    void cutsAPageIntoBlocksAndProse() {
        MarkdownPage page = MarkdownPage.of("p.md", """
                # The `first`, and [more](x.md)
                ```java checked
                int x; // | no table
                ```
                Text of `code` here.
                ```
                ## no heading
                ```
                # The first and more
                """);
        assertThat(page.blocks())
                .containsExactly(
                        new MarkdownPage.Block(3, "java checked", "int x; // | no table\n"),
                        new MarkdownPage.Block(7, "", "## no heading\n"));
        assertThat(page.blocks("java")).hasSize(1);
        assertThat(page.blocks("jav")).isEmpty();
        assertThat(page.words()).contains(new MarkdownPage.Line(5, "Text of `…` here."));
        assertThat(page.anchors()).containsExactlyInAnyOrder("the-first-and-more", "the-first-and-more-1");
    }

    @Test
    void aBlockWithoutAnEndIsAMistake() {
        assertThatThrownBy(() -> MarkdownPage.of("p.md", "a\n```sh\nls\n"))
                .hasMessage("p.md:3: a block without an end; close it with ```");
    }
}
