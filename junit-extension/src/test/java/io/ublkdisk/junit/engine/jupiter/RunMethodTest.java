package io.ublkdisk.junit.engine.jupiter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.junit.CrashRun;
import io.ublkdisk.junit.Runs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The method that a crash test names: which is found, and what is said of one that does not fit. */
@SuppressWarnings("unused")
class RunMethodTest {
    private static final List<Object> CALLED = new ArrayList<>();

    static class Above {
        static void inherited(CrashRun run) {
            CALLED.add("inherited");
        }
    }

    public static class Runs extends Above {
        static void right(CrashRun run) {
            CALLED.add("right");
        }

        void ofTheInstance(CrashRun run) {
            CALLED.add(this);
        }

        static void withArguments(CrashRun run, String mode, int count) {
            CALLED.addAll(List.of(mode, count));
        }

        static void takesNothing() {}

        static void takesAPath(java.nio.file.Path path, CrashRun run) {}

        static void twice(CrashRun run) {}

        static void twice(CrashRun run, String mode) {}

        static void fails(CrashRun run) throws IOException {
            throw new IOException("broken");
        }
    }

    static class OfKotlin {
        static final class Companion {
            void run(CrashRun run) {}
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"right", "inherited"})
    void isFoundAndCalled(String name) throws Throwable {
        CALLED.clear();
        RunMethod.of(Runs.class, name, 0).invoke(null, null, List.of());
        assertThat(CALLED).containsExactly(name);
    }

    @Test
    void mayBeOfTheInstance() throws Throwable {
        CALLED.clear();
        RunMethod run = RunMethod.of(Runs.class, "ofTheInstance", 0);
        assertThat(run.needsInstance()).isTrue();
        Runs instance = new Runs();
        run.invoke(instance, null, List.of());
        assertThat(CALLED).containsExactly(instance);
    }

    @Test
    void getsItsArguments() throws Throwable {
        CALLED.clear();
        RunMethod.of(Runs.class, "withArguments", 2).invoke(null, null, List.of("FULL", 3));
        assertThat(CALLED).containsExactly("FULL", 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunMethod.of(Runs.class, "withArguments", 2).invoke(null, null, List.of(3, "FULL")))
                .withMessageContaining("Runs.withArguments(CrashRun, String, int) cannot take [3, FULL]");
    }

    @Test
    void throwsWhatTheProgramThrows() {
        assertThatThrownBy(() -> RunMethod.of(Runs.class, "fails", 0).invoke(null, null, List.of()))
                .isInstanceOf(IOException.class)
                .hasMessage("broken");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        rigt          | Runs has no method rigt; did you mean 'right'? Or write it: static void rigt(CrashRun run)
        takesNothing  | Runs.takesNothing() does not begin with a CrashRun; declare it as Runs.takesNothing(CrashRun)
        takesAPath    | Runs.takesAPath(Path, CrashRun) does not begin with a CrashRun; declare it as Runs.takesAPath(CrashRun, Path)
        withArguments | Runs.withArguments(CrashRun, String, int) takes more than a CrashRun; say where the rest comes from: arguments
        """)
    void saysWhatIsWrong(String name, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunMethod.of(Runs.class, name, 0))
                .withMessageContaining("run = \"" + name + "\": ")
                .withMessageContaining(message);
    }

    @Test
    void saysWhichTwoFit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunMethod.of(Runs.class, "twice", 1))
                .withMessageContaining("Runs.twice(CrashRun, String)")
                .withMessageContaining("both fit");
        assertThat(RunMethod.of(Runs.class, "twice", 0).needsInstance()).isFalse();
    }

    @Test
    void knowsTheCompanionOfKotlin() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunMethod.of(OfKotlin.class, "run", 0))
                .withMessageContaining("write @JvmStatic above that");
    }

    static Stream<String> modes() {
        return Stream.of("FULL", "OFF");
    }

    static Object[][] pairs() {
        return new Object[][] {{"FULL", 1}, {"OFF", 2}};
    }

    static List<Arguments> jupiters() {
        return List.of(Arguments.of("FULL", 1));
    }

    static int[] numbers() {
        return new int[] {1, 2};
    }

    static Stream<String> none() {
        return Stream.empty();
    }

    static String noStream() {
        return "FULL";
    }

    Stream<String> notStatic() {
        return Stream.of("FULL");
    }

    @Test
    void argumentsComeInAnyForm() {
        assertThat(RunArguments.of(getClass(), "")).containsExactly(List.of());
        assertThat(RunArguments.of(getClass(), "modes")).containsExactly(List.of("FULL"), List.of("OFF"));
        assertThat(RunArguments.of(getClass(), "pairs")).containsExactly(List.of("FULL", 1), List.of("OFF", 2));
        assertThat(RunArguments.of(getClass(), "jupiters")).containsExactly(List.of("FULL", 1));
        assertThat(RunArguments.of(getClass(), "numbers")).containsExactly(List.of(1), List.of(2));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        nowhere   | has no method nowhere() without parameters
        none      | it returned nothing, so there would be no run and no test
        noStream  | it returned java.lang.String; return a Stream, a collection or an array
        notStatic | RunMethodTest.notStatic() is not static; make it so
        """)
    void argumentsThatCannotBeAreRefused(String name, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.of(getClass(), name))
                .withMessageContaining("arguments = \"" + name + "\": ")
                .withMessageContaining(message);
    }
}
