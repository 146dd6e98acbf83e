package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** fio, the block layer's own test program: writes blocks with checksums in them at random places, and reads them back. */
final class Fio {
    private Fio() {}

    /**
     * @param jobs processes, each with its own part of the disk
     * @param depth requests in flight of each
     * @param mebibytes that each writes and verifies
     */
    static void verify(Path device, int jobs, int depth, int mebibytes) throws Exception {
        verify(device, jobs, depth, mebibytes, 512);
    }

    /** @param block bytes of the smallest request */
    static void verify(Path device, int jobs, int depth, int mebibytes, int block) throws Exception {
        Path output = Files.createTempFile("fio", ".txt");
        List<String> command = List.of(
                "fio",
                "--name=verify",
                "--filename=" + device,
                "--ioengine=libaio",
                "--direct=1",
                "--rw=randwrite",
                "--bsrange=" + block + "-64k",
                "--iodepth=" + depth,
                "--numjobs=" + jobs,
                "--size=" + mebibytes + "m",
                "--offset_increment=" + mebibytes + "m",
                "--randseed=1",
                "--verify=crc32c",
                "--verify_fatal=1",
                "--verify_state_save=0",
                "--group_reporting");
        Process fio = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = fio.waitFor(100, TimeUnit.SECONDS);
        fio.destroyForcibly();
        assertThat(ended).as(() -> "fio did not end:\n" + read(output)).isTrue();
        assertThat(fio.exitValue()).as(() -> read(output)).isZero();
        assertThat(read(output)).contains("err= 0").doesNotContain("verify failed");
        Files.delete(output);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
