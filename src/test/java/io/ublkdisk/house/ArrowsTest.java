package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proves {@link Arrows} on small compiled projects that keep the arrows, and that break them. */
class ArrowsTest {
    private static final Arrows ARROWS = new Arrows("p.", """
            low     :
            low.sub : low
            high    : low
            """);

    @TempDir
    Path folder;

    /** Compiles sources, each with its package, and imports the classes. */
    private JavaClasses compiled(String... sources) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-d", folder.toString()));
        for (String source : sources) {
            Path file = folder.resolve(source.replaceAll("(?s).*?public (?:class|interface) (\\w+).*", "$1") + ".java");
            arguments.add(Files.writeString(file, source).toString());
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
        return new ClassFileImporter().importPath(folder);
    }

    @Test
    void arrowsOfTheDrawingAreRight() throws IOException {
        JavaClasses right = compiled(
                "package p.low; public class Low {}",
                "package p.low.sub; public class Sub { p.low.Low low; String text; }",
                "package p.high; public class High extends p.low.Low {}");
        assertThat(ARROWS.wrong(right)).isEmpty();
        assertThat(ARROWS.unknownRooms(right)).isEmpty();
        assertThat(ARROWS.circles(right)).isEmpty();
    }

    @Test
    void anArrowThatIsNotInTheDrawingIsWrong() throws IOException {
        JavaClasses wrong = compiled(
                "package p.low; public class Low { static p.high.High[] all; }",
                "package p.high; public class High {}",
                "package p.low.sub; public class Sub {}");
        assertThat(ARROWS.wrong(wrong))
                .isNotEmpty()
                .allMatch(use -> use.startsWith("low -> high: Field <p.low.Low.all>"));
    }

    @Test
    void aSubPackageInheritsNoArrow() throws IOException {
        JavaClasses wrong = compiled(
                "package p.low; public class Low {}",
                "package p.low.sub; public class Sub {}",
                "package p.high; public class High { p.low.sub.Sub sub; }");
        assertThat(ARROWS.wrong(wrong)).singleElement().asString().startsWith("high -> low.sub: ");
    }

    @Test
    void aUseThatNoImportNamesIsSeen() throws IOException {
        JavaClasses wrong = compiled(
                "package p.low; public class Low { public static p.low.sub.Sub sub() { return null; } }",
                "package p.low.sub; public class Sub { public void run() {} }",
                "package p.high; public class High { void run() { p.low.Low.sub().run(); } }");
        assertThat(ARROWS.wrong(wrong)).anyMatch(use -> use.startsWith("high -> low.sub: "));
    }

    @Test
    void aCircleWithASubPackageIsFound() throws IOException {
        JavaClasses circle = compiled(
                "package p.low; public class Low { p.low.sub.Sub sub; }",
                "package p.low.sub; public class Sub { p.low.Low low; }",
                "package p.high; public class High {}");
        assertThat(ARROWS.circles(circle)).singleElement().asString().contains("Cycle detected", "low.sub");
    }

    @Test
    void aCircleOfWholeRoomsIsFoundThoughNoTwoPackagesNameEachOther() throws IOException {
        JavaClasses circle = compiled(
                "package p.low; public class Low {}",
                "package p.low.sub; public class Sub { p.high.High high; }",
                "package p.high; public class High { p.low.Low low; }");
        assertThat(ARROWS.circles(circle)).singleElement().asString().contains("Cycle detected");
    }

    @Test
    void aPackageThatIsNotInTheDrawingIsNamed() throws IOException {
        JavaClasses more = compiled(
                "package p.low; public class Low {}",
                "package p.low.sub; public class Sub {}",
                "package p.low.other; public class Other {}");
        assertThat(ARROWS.unknownRooms(more))
                .containsExactly(
                        "high: in the drawing, and there is no such package",
                        "low.other: not in the drawing; say there what it may use");
    }
}
