package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page under docs/ that is made of the code, and compared with it. */
public final class GeneratedPage {
    private static final String WRITE = "ublkdisk.write-pages";

    private GeneratedPage() {}

    /**
     * Fails if the page is not that text. Writes it first if the system property {@code ublkdisk.write-pages} is true; read the
     * difference then.
     *
     * @param page from the project's folder on
     * @param test makes the text
     */
    public static void assertIs(String page, String text, Class<?> test) throws IOException {
        Path file = MarkdownPage.PROJECT.resolve(page);
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(file, text);
        }
        assertThat(Files.readString(file))
                .as("make it again: mvn test -pl src -Dtest=%s -D%s=true", test.getSimpleName(), WRITE)
                .isEqualTo(text);
    }
}
