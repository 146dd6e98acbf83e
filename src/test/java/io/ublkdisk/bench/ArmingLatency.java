package io.ublkdisk.bench;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How long it takes until a fault is in force: a rule, from a client in another process, beside a device-mapper table over the same
 * disk, with {@code dmsetup suspend}, {@code load}, {@code resume}. One run on one machine ({@code vm/bench arming}).
 */
final class ArmingLatency {
    private static final int RULES = 200;
    private static final int TABLES = 30;
    private static final String NAME = "ublkdisk-bench";

    private interface Work {
        void run(int i) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        RemoteDisk disk = ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder().size("64MiB").build());
        time(50, i -> disk.rules().remove(disk.rules().add("rule warm: on read nth 1000000 fail IO")));
        print(
                "rule, from a client",
                RULES,
                i -> disk.rules().add("rule r" + i + ": on read sectors " + i + " fail MEDIUM"));
        print(
                "the same, replaced",
                RULES,
                i -> disk.rules().replace("rule r" + i + ": on read sectors " + i + " fail IO"));
        disk.rules().clear();

        long sectors = disk.sizeBytes() / 512;
        String linear = "0 " + sectors + " linear " + disk.device() + " 0";
        String flakey = "0 " + sectors + " flakey " + disk.device() + " 0 0 180 1 error_reads";
        dmsetup("create", NAME, "--table", linear);
        try {
            print("dmsetup suspend, load, resume", TABLES, i -> {
                dmsetup("suspend", NAME);
                dmsetup("load", NAME, "--table", i % 2 == 0 ? flakey : linear);
                dmsetup("resume", NAME);
            });
            print("  of which starting dmsetup 3 times", TABLES, i -> {
                dmsetup("version");
                dmsetup("version");
                dmsetup("version");
            });
        } finally {
            dmsetup("remove", NAME);
        }
        disk.delete();
    }

    private static void print(String what, int count, Work work) throws Exception {
        long[] nanos = time(count, work);
        System.out.printf(
                "%-40s median %10.3f ms   90%% %10.3f ms   (%d times)%n",
                what, nanos[count / 2] / 1e6, nanos[count * 9 / 10] / 1e6, count);
    }

    private static long[] time(int count, Work work) throws Exception {
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            work.run(i);
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos;
    }

    private static void dmsetup(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("dmsetup"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError(command + " does not work");
        }
    }

    private ArmingLatency() {}
}
