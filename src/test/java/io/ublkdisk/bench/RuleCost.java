package io.ublkdisk.bench;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What an I/O costs, with and without rules that never match and with and without the journal: on a real device, 4 KiB at random,
 * 32 in flight. To be run where guest time is instructions ({@code vm/bench cost}); elsewhere the numbers are nanoseconds of a
 * machine that has other things to do.
 */
final class RuleCost {
    private static final int RULES = 1000;
    private static final int REQUESTS = Integer.getInteger("ublkdisk.bench.requests", 50_000);
    /** What fio uses of the disk, in the middle of it, so that rules can be about what is before and behind. */
    private static final int USED_MIB = 64;

    private static final int BEFORE_MIB = 96;

    public static void main(String[] arguments) throws Exception {
        System.out.printf("%-16s %-10s %12s %12s %12s %9s%n", "", "", "no rule", "1000 rules", "none again", "more");
        for (int journal : new int[] {0, 8192}) {
            RemoteDisk disk = ServerProcess.shared()
                    .connection()
                    .create(DiskSpec.builder()
                            .size("256MiB")
                            .journalRequests(journal)
                            .build());
            fio(disk, "write", "64k", USED_MIB << 4);
            fio(disk, "randrw", "4k", 2 * REQUESTS);
            arm(disk); // so that what asks rules is compiled too
            fio(disk, "randrw", "4k", 2 * REQUESTS);
            disk.clearRules();
            for (String operation : List.of("randread", "randwrite")) {
                double before = fio(disk, operation, "4k", REQUESTS);
                arm(disk);
                double armed = fio(disk, operation, "4k", REQUESTS);
                disk.clearRules();
                double after = fio(disk, operation, "4k", REQUESTS);
                System.out.printf(
                        "%-16s %-10s %12.0f %12.0f %12.0f %8.2f%%%n",
                        journal == 0 ? "without journal" : "with journal",
                        operation,
                        before,
                        armed,
                        after,
                        100 * (2 * armed / (before + after) - 1));
            }
            disk.delete();
        }
    }

    /** Half of them bad sectors where nobody reads, the others about what fio does not do. */
    private static void arm(RemoteDisk disk) throws IOException {
        StringBuilder script = new StringBuilder();
        for (int i = 0; i < RULES; i++) {
            long sector = 64L * i + (i < RULES / 2 ? 0 : BEFORE_MIB + USED_MIB << 11);
            script.append(
                    switch (i % 4) {
                        case 0 -> "on read sectors " + sector + "+8 fail MEDIUM";
                        case 1 -> "on read,write sectors " + sector + "+8 delay 1ms";
                        case 2 -> "on flush,fua nth " + (i + 1) + " fail IO";
                        default -> "on write metadata fail IO";
                    });
            script.append('\n');
            if (script.length() > 30_000) {
                disk.addScript(script.toString());
                script.setLength(0);
            }
        }
        disk.addScript(script.toString());
        if (disk.rules().size() != RULES) {
            throw new AssertionError(disk.rules().size() + " rules");
        }
    }

    /** @return nanoseconds an I/O, in a saturated queue */
    private static double fio(RemoteDisk disk, String operation, String blockSize, int requests) throws Exception {
        Process fio = new ProcessBuilder(
                        "fio",
                        "--name=cost",
                        "--filename=" + disk.device(),
                        "--ioengine=libaio",
                        "--direct=1",
                        "--rw=" + operation,
                        "--bs=" + blockSize,
                        "--iodepth=32",
                        "--offset=" + BEFORE_MIB + "m",
                        "--size=" + USED_MIB + "m",
                        "--number_ios=" + requests,
                        "--io_size=100g",
                        "--norandommap",
                        "--randseed=1",
                        "--output-format=terse",
                        "--terse-version=3")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String terse = new String(fio.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!fio.waitFor(60, TimeUnit.SECONDS) || fio.exitValue() != 0) {
            throw new AssertionError("fio: " + terse);
        }
        String[] fields = terse.lines().reduce((a, b) -> b).orElseThrow().split(";");
        double read = Double.parseDouble(fields[7]);
        double write = Double.parseDouble(fields[48]);
        return 1e9 / (read + write);
    }

    private RuleCost() {}
}
