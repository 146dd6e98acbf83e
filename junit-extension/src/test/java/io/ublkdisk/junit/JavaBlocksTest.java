package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compiles every piece of Java in README.md and under docs/. A piece is a file, members of a class or statements; what it does
 * not import is imported, and what it does not declare stands in {@code io.ublkdisk.example.Surroundings}. Where a piece leaves
 * something out it has a line with {@code …}, or <code>{ … }</code>.
 *
 * <p>Pieces of README.md, the guide and the how-to pages have to be text of a class in {@code io.ublkdisk.example}, which {@link
 * ReadmeIT} runs on a device.
 */
class JavaBlocksTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final Path EXAMPLES = PROJECT.resolve("junit-extension/src/test/java/io/ublkdisk/example");
    private static final Pattern BLOCK = Pattern.compile("(?s)```java\\b[^\n]*\n(.*?)```");
    private static final Pattern OWN_IMPORTS = Pattern.compile("(?m)^import .*;\n");
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    private static final List<String> PACKAGES = List.of(
            "java.io",
            "java.nio.channels",
            "java.nio",
            "java.nio.file",
            "java.time",
            "java.util",
            "java.util.concurrent",
            "java.util.function",
            "java.util.stream",
            "io.ublkdisk.junit",
            "io.ublkdisk.block",
            "io.ublkdisk.fault",
            "io.ublkdisk.ublk",
            "org.junit.jupiter.api",
            "org.junit.jupiter.params",
            "org.junit.jupiter.params.provider");

    private static final List<String> STATICS = List.of(
            "java.nio.charset.StandardCharsets",
            "java.nio.file.StandardOpenOption",
            "java.time.Duration",
            "org.assertj.core.api.Assertions",
            "org.junit.jupiter.api.Assertions");

    @TempDir
    Path classes;

    @Test
    void everyPieceCompiles() throws IOException {
        List<String> wrong = new ArrayList<>();
        Map<String, List<String>> pages = pages();
        pages.forEach((page, pieces) -> {
            for (String piece : pieces) {
                String trouble = trouble(piece);
                if (!trouble.isEmpty()) {
                    wrong.add(page + ": " + trouble + "\n" + piece);
                }
            }
        });
        assertThat(wrong).isEmpty();
        assertThat(pages.values().stream().mapToInt(List::size).sum()).isGreaterThan(15);
    }

    @Test
    void whatPagesForNewUsersShowIsCodeThatRuns() throws IOException {
        StringBuilder compiled = new StringBuilder();
        for (Path example : examples()) {
            compiled.append(dense(Files.readString(example))).append('\n');
        }
        pages().forEach((page, pieces) -> {
            if (page.matches("README.md|docs/(guide|how-to)/.*")) {
                for (String piece : pieces) {
                    assertThat(compiled.indexOf(dense(piece)))
                            .as("%s is in no class of %s:%n%s", page, EXAMPLES, piece)
                            .isNotNegative();
                }
            }
        });
        String runner = Files.readString(Path.of("src/test/java/io/ublkdisk/junit/ReadmeIT.java"));
        for (Path example : examples()) {
            String name = example.getFileName().toString().replace(".java", "");
            if (name.endsWith("Test")) {
                assertThat(runner).as("ReadmeIT runs %s", name).contains('"' + name + '"');
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disk.powerCut();",
                "disk.powerCut();\n…   // and so on\nPath file = disk.path(\"x\");",
                "void check(CrashedDisk disk) { … }",
                "import java.util.List;\n\nclass A { List<String> b = List.of(); }",
                "@Test\nvoid test(@UblkDisk(size = \"64MiB\", mount = EXT4) Disk disk) throws Exception {\n    …\n}"
            })
    void aRightPieceCompiles(String piece) {
        assertThat(trouble(piece)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disk.powerKut();",
                "disk.powerCut()",
                "void check(CrashedDisc disk) { … }",
                "class A { Lisst<String> b; }",
                "@UblkDisk(sice = 1) Disk d;",
                "… and then the power goes"
            })
    void aWrongPieceDoesNot(String piece) {
        assertThat(trouble(piece)).isNotEmpty();
    }

    private static List<Path> examples() throws IOException {
        try (Stream<Path> sources = Files.list(EXAMPLES)) {
            return sources.toList();
        }
    }

    /** Returns the pieces of each page that has some. */
    private static Map<String, List<String>> pages() throws IOException {
        List<Path> files;
        try (Stream<Path> docs = Files.walk(PROJECT.resolve("docs"))) {
            files = Stream.concat(
                            Stream.of(PROJECT.resolve("README.md")),
                            docs.filter(path -> path.toString().endsWith(".md")))
                    .toList();
        }
        Map<String, List<String>> pages = new TreeMap<>();
        for (Path file : files) {
            List<String> pieces = BLOCK.matcher(Files.readString(file))
                    .results()
                    .map(found -> found.group(1))
                    .toList();
            if (!pieces.isEmpty()) {
                pages.put(PROJECT.relativize(file).toString(), pieces);
            }
        }
        return pages;
    }

    private static String dense(String code) {
        return code.replaceAll("\\s", "");
    }

    /** Returns what the compiler says, empty if the piece compiles as one of the three. */
    private String trouble(String piece) {
        String whole = piece.replaceAll("(?m)^\\s*…\\s*(//.*)?$", "")
                .replaceAll("\\{\\s*…\\s*}", "{ throw new UnsupportedOperationException(); }");
        Matcher own = OWN_IMPORTS.matcher(whole);
        String imports = imports() + own.results().map(found -> found.group()).collect(Collectors.joining());
        String code = own.replaceAll("");
        String inClass = imports + "class Piece extends io.ublkdisk.example.Surroundings {\n";
        String asFile = compile(imports + code);
        if (asFile.isEmpty()) {
            return "";
        }
        String asMembers = compile(inClass + code + "\n}");
        if (asMembers.isEmpty()) {
            return "";
        }
        String asStatements = compile(inClass + "void piece() throws Exception {\n" + code + "\n}}");
        if (asStatements.isEmpty()) {
            return "";
        }
        return Stream.of(asFile, asMembers, asStatements)
                .filter(said -> !said.startsWith("syntax"))
                .findFirst()
                .orElse(asStatements);
    }

    private String compile(String source) {
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///Piece.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public boolean isNameCompatible(String simpleName, Kind kind) {
                return true; // a public class of the piece has a name of its own
            }

            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-classpath", System.getProperty("java.class.path"));
        COMPILER.getTask(null, null, problems, options, null, List.of(file)).call();
        return problems.getDiagnostics().stream()
                .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
                .map(problem -> (problem.getCode().startsWith("compiler.err.expected")
                                        || problem.getCode().contains("illegal.start")
                                        || problem.getCode().contains("premature")
                                        || problem.getCode().contains("invalid.meth")
                                        || problem.getCode().contains("not.stmt")
                                ? "syntax: "
                                : "")
                        + problem.getMessage(null))
                .findFirst()
                .orElse("");
    }

    private static String imports() {
        StringBuilder imports = new StringBuilder();
        PACKAGES.forEach(name -> imports.append("import ").append(name).append(".*;\n"));
        Stream.concat(STATICS.stream(), constants().stream())
                .forEach(name -> imports.append("import static ").append(name).append(".*;\n"));
        return imports.toString();
    }

    /** Returns the public types of what users import, whose constants and static methods pieces use by their simple names. */
    private static List<String> constants() {
        List<String> found = new ArrayList<>();
        try {
            Path root = Path.of(Disk.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (Stream<Path> files = Files.list(root.resolve("io/ublkdisk/junit"))) {
                for (Path file : files.sorted().toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith(".class") && !name.startsWith("package-info")) {
                        found.add("io.ublkdisk.junit."
                                + name.substring(0, name.length() - 6).replace('$', '.'));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        found.removeIf(name -> !isPublic(name));
        for (String other : List.of("io.ublkdisk.junit.FileSystem", "io.ublkdisk.block.Recovery")) {
            if (isPublic(other)) {
                found.add(other);
            }
        }
        return found;
    }

    private static boolean isPublic(String name) {
        int nested = name.indexOf('.', "io.ublkdisk.junit.".length());
        String binary = nested < 0 || !name.startsWith("io.ublkdisk.junit.")
                ? name
                : name.substring(0, nested) + name.substring(nested).replace('.', '$');
        try {
            Class<?> type = Class.forName(binary, false, JavaBlocksTest.class.getClassLoader());
            return Modifier.isPublic(type.getModifiers()) && !type.isAnonymousClass() && !type.isLocalClass();
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
