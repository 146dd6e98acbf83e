package io.ublkdisk.bench;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What an I/O costs, with and without rules that never match and with and without the journal: on a real device, 4 KiB at random,
 * 32 in flight. To be run where guest time is instructions ({@code vm/bench cost}); elsewhere the numbers are nanoseconds of a
 * machine that has other things to do.
 */
final class RuleCost {
    private static final int RULES = 1000;
    private static final int REQUESTS = 40_000;
    /** The least of so many rounds counts: what else the machine does can only add. */
    private static final int ROUNDS = 3;

    /** What fio uses of the disk, in the middle of it, so that rules can be about what is before and behind. */
    private static final int USED_MIB = 64;

    private static final int BEFORE_MIB = 96;

    public static void main(String[] arguments) throws Exception {
        RemoteDisk plain = disk(0);
        RemoteDisk journaled = disk(8192);
        for (RemoteDisk disk : List.of(plain, journaled)) {
            fio(disk, "write", "64k", USED_MIB << 4);
            fio(disk, "randrw", "4k", 2 * REQUESTS);
            arm(disk); // so that what asks rules is compiled too
            fio(disk, "randrw", "4k", 2 * REQUESTS);
            disk.clearRules();
        }
        System.out.printf("%-10s %10s %14s %10s %20s%n", "4 KiB", "bare", "1000 rules", "journal", "journal and rules");
        for (String operation : List.of("randread", "randwrite")) {
            double[] least = new double[4];
            Arrays.fill(least, Double.MAX_VALUE);
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < least.length; i++) {
                    RemoteDisk disk = i < 2 ? plain : journaled;
                    if (i % 2 == 1) {
                        arm(disk);
                    }
                    least[i] = Math.min(least[i], fio(disk, operation, "4k", REQUESTS));
                    disk.clearRules();
                }
            }
            System.out.printf(
                    "%-10s %10.0f %6.0f %+6.1f%% %6.0f %+6.1f%% %6.0f %+6.1f%%%n",
                    operation,
                    least[0],
                    least[1],
                    100 * (least[1] / least[0] - 1),
                    least[2],
                    100 * (least[2] / least[0] - 1),
                    least[3],
                    100 * (least[3] / least[0] - 1));
        }
        plain.delete();
        journaled.delete();
    }

    private static RemoteDisk disk(int journal) throws IOException {
        return ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder()
                        .size("256MiB")
                        .journalRequests(journal)
                        .build());
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
