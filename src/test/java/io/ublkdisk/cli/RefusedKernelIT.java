package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged program where the JVM says that the kernel is one that hangs; the kernel itself is a good one. */
@Timeout(300)
class RefusedKernelIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"add --size 64M", "run --size 64M", "kublk add -t null"})
    void refusesWithTheReasonTheVmAndTheOverride(String command) throws Exception {
        Ended refused = ublkdisk(command, null);
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.out() + refused.err())
                .contains(
                        "Linux 6.17.0-1015-azure has a faulty ublk driver: ADD_DEV",
                        "vm/run",
                        "UBLKDISK_ALLOW_FAULTY_KERNEL=true");
    }

    @Test
    void aKernelThatIsAllowedGetsItsDisk() throws Exception {
        Ended add = ublkdisk("add --size 64M", "true");
        assertThat(add.status()).as(add.err()).isZero();
        assertThat(Path.of(add.out().strip())).exists();
        assertThat(ublkdisk("del " + add.out().strip(), "true").status()).isZero();
    }

    private Ended ublkdisk(String command, String override) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(Ended.PROGRAM.toString())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.command().addAll(List.of(command.split(" ")));
        builder.environment().put("UBLKDISK_JAVA_OPTIONS", "-Dos.version=6.17.0-1015-azure");
        if (override != null) {
            builder.environment().put("UBLKDISK_ALLOW_FAULTY_KERNEL", override);
        }
        Process process = builder.start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).as(command).isTrue();
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }
}
