package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ublkdisk.control.StateFolder;
import io.ublkdisk.protocol.Version;
import io.ublkdisk.server.session.Server;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shell stub and a server's JVM between them: the stub runs with no jar behind it, so it can only ask the server. */
@Timeout(120)
class ServedCommandsTest {
    private static final Path STUB = Path.of("main/sh/ublkdisk.sh").toAbsolutePath();

    @TempDir
    Path folder;

    private Server server;

    @BeforeEach
    void startServer() throws IOException {
        server = new Server(new StateFolder(folder.resolve("state")), line -> {}, (words, out, err) -> {
            if (words.get(0).equals("power-cut")) {
                return -1;
            }
            words.forEach(word -> out.print(word + "|"));
            out.print("\nnext");
            err.println("an error");
            return 42;
        });
    }

    @AfterEach
    void endServer() {
        server.close();
    }

    @Test
    void theStubSendsWhatServersRunInTheSameVersion() throws IOException {
        String stub = Files.readString(STUB);
        Matcher list = Pattern.compile("\n {4}\" list\"([^)]*)\\)").matcher(stub);
        assertThat(list.find()).isTrue();
        List<String> sent = new ArrayList<>(List.of("list"));
        Pattern.compile("\" ([a-z-]+)\"").matcher(list.group(1)).results().forEach(r -> sent.add(r.group(1)));
        assertThat(sent).containsExactlyInAnyOrderElementsOf(ServedCommands.NAMES);
        assertThat(stub).contains("command-line " + Version.TEXT + " $#");
    }

    @ParameterizedTest
    @ValueSource(strings = {"perl", "socat", "python3", "nc"})
    void eachConnectorPassesWordsOutputsAndStatus(String connector) throws Exception {
        assumeTrue(shell("command -v " + connector).status() == 0, connector + " is not installed here");
        assumeTrue(
                !connector.equals("nc") || shell("nc -h 2>&1 | grep -q -e -U").status() == 0, "nc without -U");
        Ended ended = stub(only(connector), "mark", "two words", "", "$HOME 'ü' \\n \"*", "line\nfeed");
        assertThat(ended.err()).isEqualTo("an error\n");
        assertThat(ended.out()).isEqualTo("mark|two words||$HOME 'ü' \\n \"*|line\nfeed|\nnext\n");
        assertThat(ended.status()).isEqualTo(42);
    }

    @Test
    void whatNoServerRunsIsLeftToAJvm() throws Exception {
        for (String command : List.of("power-cut", "add")) {
            Ended ended = stub(System.getenv("PATH"), command, "x");
            assertThat(ended.out() + ended.err())
                    .as(command)
                    .doesNotContain("next")
                    .contains("Ublkdisk");
        }
    }

    @Test
    void aServerOfAnotherVersionIsNotAsked() throws Exception {
        Path other = folder.resolve("other.sh");
        Files.writeString(other, Files.readString(STUB).replace("command-line " + Version.TEXT, "command-line 9.9"));
        Ended ended = run(List.of("sh", other.toString(), "mark", "x"), System.getenv("PATH"));
        assertThat(ended.out() + ended.err()).doesNotContain("next").contains("Ublkdisk");
    }

    @Test
    void aSocketWithoutAServerIsPassedOver() throws Exception {
        String dead = folder.resolve("state/server-1.sock").toString();
        shell("perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un($ARGV[0]))' " + dead);
        assertThat(Path.of(dead)).exists();
        assertThat(stub(System.getenv("PATH"), "mark", "x").status()).isEqualTo(42);
    }

    @Test
    void printsAsAJvmOfItsOwnDoes() {
        for (String[] words : new String[][] {
            {"list"},
            {"stats", "none", "--json"},
            {"fault", "none"},
            {"fault", "none", "on read fial IO"},
            {"stats", "--help"}
        }) {
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            ServedCommands commands = new ServedCommands();
            int first = 0;
            for (int time = 0; time < 2; time++) {
                out.getBuffer().setLength(0);
                err.getBuffer().setLength(0);
                first = commands.run(List.of(words), new PrintWriter(out, true), new PrintWriter(err, true));
            }
            StringWriter ownOut = new StringWriter();
            StringWriter ownErr = new StringWriter();
            int own = Ublkdisk.commandLine()
                    .setOut(new PrintWriter(ownOut, true))
                    .setErr(new PrintWriter(ownErr, true))
                    .execute(words);
            assertThat(first).isEqualTo(own);
            assertThat(out.toString()).isEqualTo(ownOut.toString());
            assertThat(err.toString()).isEqualTo(ownErr.toString());
        }
        StringWriter nothing = new StringWriter();
        assertThat(new ServedCommands().run(List.of("add"), new PrintWriter(nothing), new PrintWriter(nothing)))
                .isEqualTo(-1);
    }

    /** A PATH with the ordinary tools and one of the programs that can connect. */
    private String only(String connector) throws IOException, InterruptedException {
        Path bin = Files.createDirectory(
                folder.resolve("bin"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        for (String each : List.of("timeout", "id", "grep", "readlink", "dirname", "sed")) {
            Files.createSymbolicLink(
                    bin.resolve(each), Path.of(shell("command -v " + each).out().strip()));
        }
        // A python3 of a version manager is a script that looks for more programs; what it starts needs none.
        String program = shell(
                        connector.equals("python3")
                                ? "python3 -c 'import sys; print(sys.executable)'"
                                : "command -v " + connector)
                .out()
                .strip();
        Path wrapper = Files.writeString(bin.resolve(connector), "#!/bin/sh\nexec " + program + " \"$@\"\n");
        Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
        return bin.toString();
    }

    private Ended stub(String path, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", STUB.toString()));
        command.addAll(List.of(words));
        return run(command, path);
    }

    private Ended shell(String line) throws IOException, InterruptedException {
        return run(List.of("/bin/sh", "-c", line), System.getenv("PATH"));
    }

    private Ended run(List<String> command, String path) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PATH", path);
        builder.environment().put("UBLKDISK_STATE", folder.resolve("state").toString());
        return Ended.of(builder);
    }
}
