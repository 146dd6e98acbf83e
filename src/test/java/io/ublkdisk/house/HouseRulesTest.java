package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proves the rules of {@link HouseRules} on sources that just keep them and sources that just break them. */
class HouseRulesTest {
    private static SourceFile file(String path, String text) {
        return SourceFile.parse(path, text);
    }

    private static List<SourceFile> method(int lines) {
        String body = "\n".repeat(lines - 2);
        return List.of(file("A.java", "class A {\n    /** Runs. */\n    void run() {\n" + body + "    }\n}\n"));
    }

    @Test
    void aFileOf401LinesIsTooLong() {
        assertThat(HouseRules.filesOver(
                        400, Map.of(), List.of(file("A.java", "class A {}\n" + "// more\n".repeat(399)))))
                .isEmpty();
        assertThat(HouseRules.filesOver(
                        400, Map.of(), List.of(file("A.java", "class A {}\n" + "// more\n".repeat(400)))))
                .containsExactly("A.java: 401 lines (limit 400); split it by subject");
        List<SourceFile> large = List.of(file("p/A.java", "// more\n".repeat(450)));
        assertThat(HouseRules.filesOver(400, Map.of("p/A.java", 450), large)).isEmpty();
        assertThat(HouseRules.filesOver(400, Map.of("p/A.java", 449), large)).hasSize(1);
    }

    @Test
    void aMethodOf61LinesIsTooLong() {
        assertThat(HouseRules.methodsOver(60, method(60))).isEmpty();
        assertThat(HouseRules.methodsOver(60, method(61))).containsExactly("A.java:3: run has 61 lines (limit 60)");
    }

    @Test
    void methodsOfNestedAndAnonymousTypesAreMeasuredToo() {
        SourceFile nested = file("A.java", """
                class A {
                    record B() {
                        B {
                            int x;
                        }
                    }
                    Object c = new Object() {
                        public String toString() {
                            return "";
                        }
                    };
                }
                """);
        assertThat(HouseRules.methodsOver(2, List.of(nested)))
                .containsExactly("A.java:3: <init> has 3 lines (limit 2)", "A.java:8: toString has 3 lines (limit 2)");
    }

    @Test
    void aPackageOfTooManyFilesIsNamed() {
        List<SourceFile> files = List.of(
                file("A.java", "package p; class A {}"),
                file("B.java", "package p; class B {}"),
                file("package-info.java", "package p;"));
        assertThat(HouseRules.packagesOver(2, Map.of(), files)).isEmpty();
        assertThat(HouseRules.packagesOver(1, Map.of("p", "a reason"), files)).isEmpty();
        assertThat(HouseRules.packagesOver(1, Map.of(), files))
                .containsExactly("p: 2 files (limit 1); make a room of one of its subjects");
    }

    @Test
    void aPackageThatDoesNotSayWhatItIsIsNamed() {
        List<SourceFile> files = List.of(
                file("A.java", "package p; class A {}"),
                file("B.java", "package p.q; class B {}"),
                file("module-info.java", "module m {}"),
                file("package-info.java", "/** The room p. */\npackage p;"));
        assertThat(HouseRules.packagesWithoutInfo(files))
                .containsExactly("p.q: no package-info.java; say there what the room is");
    }

    @Test
    void aSimpleNameInTwoPackagesIsNamed() {
        List<SourceFile> files = List.of(
                file("p/A.java", "package p; class A {}"),
                file("q/A.java", "package q; class A {}"),
                file("p/package-info.java", "package p;"),
                file("q/package-info.java", "package q;"));
        assertThat(HouseRules.sameNames(Map.of("A", "a reason"), files)).isEmpty();
        assertThat(HouseRules.sameNames(Map.of(), files))
                .containsExactly("A: in p and q; a simple name stands for one thing");
    }

    @Test
    void anOldWordIsFoundAsTheNameOfANestedTypeToo() {
        SourceFile old = file("p/A.java", "package p; class A { record Turn() {} record TurnOver() {} }");
        assertThat(HouseRules.typesNamed(Map.of("Turn", "DiskLock"), List.of(old)))
                .containsExactly("p/A.java: Turn; the field's word is DiskLock");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Whether it runs.", "The size, in bytes.", "What is left.", "A disk.", "If it runs.", "How many."
            })
    void aNounOrQuestionDoesNotBeginTheJavadocOfAMethod(String javadoc) {
        assertThat(HouseRules.javadocWithoutVerb(List.of(documented(javadoc)))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Returns whether it runs.", "Asks the server.", "Allocates.", "Howls.", "Notes it.", "Throws."})
    void aVerbDoes(String javadoc) {
        assertThat(HouseRules.javadocWithoutVerb(List.of(documented(javadoc)))).isEmpty();
    }

    @Test
    void methodsWithoutJavadocAreFoundWhereUsersCallThem() {
        SourceFile api = file("A.java", """
                package api;
                public interface A {
                    void bare();
                    /** Does. */
                    void documented();
                    private void own() {}
                }
                class B implements A {
                    @Override public void bare() {}
                    public void alsoBare() {}
                    void inner() {}
                }
                """);
        assertThat(HouseRules.undocumented("api", List.of(api)))
                .hasSize(2)
                .anySatisfy(hit -> assertThat(hit).contains("A.java:3: bare"))
                .anySatisfy(hit -> assertThat(hit).contains("A.java:10: alsoBare"));
        assertThat(HouseRules.undocumented("other", List.of(api))).isEmpty();
    }

    private static SourceFile documented(String javadoc) {
        return file("A.java", "class A {\n    /** " + javadoc + " */\n    void a() {}\n    void b() {}\n}");
    }

    @Test
    void wordsThatStopAReaderAreFoundInJavadocAndInMessages() {
        SourceFile dark = file("A.java", """
                /** For whoever runs it. */
                class A {
                    /** That one. */
                    int x;
                    // nobody reads this
                    void a() {
                        throw new IllegalStateException("name x is none; take another, those\\nthat fit");
                    }
                }
                """);
        assertThat(HouseRules.notPlain(List.of(dark)))
                .containsExactlyInAnyOrder(
                        "A.java:2: \"whoever\"; instead: name who: a thread, a program, a user",
                        "A.java:4: \"That one\"; instead: repeat the noun",
                        "A.java:7: \"is none;\"; instead: say what it is, or 'is not a valid …'",
                        "A.java:7: \"those\nthat\"; instead: repeat the noun: rules that");
    }

    @Test
    void plainWordsPass() {
        assertThat(HouseRules.notPlain("x", "Returns the rules that fired; null if there is none. At one time."))
                .isEmpty();
        assertThat(HouseRules.notPlain("x", "A name is none, once it is gone."))
                .containsExactly("x: \"is none,\"; instead: say what it is, or 'is not a valid …'");
    }
}
