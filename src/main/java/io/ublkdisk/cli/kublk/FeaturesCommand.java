package io.ublkdisk.cli.kublk;

import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "features",
        mixinStandardHelpOptions = true,
        description = "What this kernel's ublk driver can do, bit by bit.")
final class FeaturesCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws IOException {
        try (UblkControl control = UblkControl.open(LIMIT)) {
            long bits = control.featureBits();
            PrintWriter out = command.commandLine().getOut();
            UblkFeature[] known = UblkFeature.values();
            out.printf("ublk_drv features: 0x%x%n", bits);
            for (int i = 0; i < Long.SIZE; i++) {
                if ((bits >>> i & 1) != 0) {
                    out.printf("0x%-16x: %s%n", 1L << i, i < known.length ? "UBLK_F_" + known[i] : "unknown");
                }
            }
            out.flush();
        }
        return 0;
    }
}
