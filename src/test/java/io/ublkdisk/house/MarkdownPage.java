package io.ublkdisk.house;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, cut into blocks of code and the lines between them.
 *
 * @param path where it lies, from the project's folder on
 * @param blocks its fenced blocks, in order
 * @param prose all other lines
 */
public record MarkdownPage(String path, List<Block> blocks, List<Line> prose) {
    /** A fenced block: the number of its first line, what stands behind the fence, and its text. */
    public record Block(int line, String info, String text) {
        /** Returns whether the first word behind the fence is this. */
        public boolean isOf(String language) {
            return info.equals(language) || info.startsWith(language + " ");
        }
    }

    /** A line outside of blocks, and its number. */
    public record Line(int number, String text) {}

    /** The project's folder; tests run in the folder of their module. */
    public static final Path PROJECT = Path.of("").toAbsolutePath().getParent();

    private static final Pattern CODE = Pattern.compile("`[^`]*`");
    private static final Pattern LINK = Pattern.compile("\\[([^]]*)]\\([^)]*\\)");

    /** Returns README.md and all pages under docs/, but for the records of decisions. */
    public static List<MarkdownPage> all() throws IOException {
        List<MarkdownPage> pages = new ArrayList<>();
        pages.add(read("README.md"));
        try (Stream<Path> files = Files.walk(PROJECT.resolve("docs"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                String path = PROJECT.relativize(file).toString();
                if (!path.startsWith("docs/decisions/")) {
                    pages.add(read(path));
                }
            }
        }
        return pages;
    }

    public static MarkdownPage read(String path) throws IOException {
        return of(path, Files.readString(PROJECT.resolve(path)));
    }

    static MarkdownPage of(String path, String text) {
        List<Block> blocks = new ArrayList<>();
        List<Line> prose = new ArrayList<>();
        int number = 0;
        int begin = 0;
        String info = null;
        StringBuilder block = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            number++;
            boolean fence = line.startsWith("```");
            if (fence && info == null) {
                info = line.substring(3).strip();
                begin = number + 1;
                block.setLength(0);
            } else if (fence) {
                blocks.add(new Block(begin, info, block.toString()));
                info = null;
            } else if (info != null) {
                block.append(line).append('\n');
            } else {
                prose.add(new Line(number, line));
            }
        }
        if (info != null) {
            throw new IllegalArgumentException(path + ":" + begin + ": a block without an end; close it with ```");
        }
        return new MarkdownPage(path, List.copyOf(blocks), List.copyOf(prose));
    }

    /** Returns the blocks of a language. */
    public List<Block> blocks(String language) {
        return blocks.stream().filter(block -> block.isOf(language)).toList();
    }

    /** Returns the names under which links reach the headings, as GitHub makes them. */
    Set<String> anchors() {
        Set<String> anchors = new HashSet<>();
        for (Line line : prose) {
            if (line.text.matches("#{1,6} .*")) {
                String title = LINK.matcher(line.text.replaceFirst("^#+ ", "")).replaceAll("$1");
                String anchor = title.strip()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-');
                for (int more = 1; !anchors.add(anchor); more++) {
                    anchor = anchor.replaceFirst("-\\d+$", "") + "-" + more;
                }
            }
        }
        return anchors;
    }

    /** Returns the lines outside of blocks without the code in them. */
    List<Line> words() {
        return prose.stream()
                .map(line -> new Line(line.number, CODE.matcher(line.text).replaceAll("`…`")))
                .toList();
    }
}
