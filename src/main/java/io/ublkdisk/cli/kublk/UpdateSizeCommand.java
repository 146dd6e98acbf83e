package io.ublkdisk.cli.kublk;

import io.ublkdisk.ublk.UblkControl;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "update_size",
        mixinStandardHelpOptions = true,
        description = "Tell the kernel another size of a device. Its server is not told.")
final class UpdateSizeCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Option(
            names = {"-n", "--number"},
            required = true,
            paramLabel = "N",
            description = "The number of the device.")
    private int id;

    @Option(
            names = {"-s", "--size"},
            required = true,
            paramLabel = "BYTES",
            description = "A multiple of the logical block size.")
    private long sizeBytes;

    @Override
    public Integer call() throws IOException {
        try (UblkControl control = UblkControl.open(LIMIT)) {
            int block = control.params(id).logicalBlockSize();
            if (sizeBytes <= 0 || sizeBytes % block != 0) {
                throw new IllegalArgumentException(
                        "size " + sizeBytes + ": must be a positive multiple of the logical block size, " + block);
            }
            control.resize(id, sizeBytes);
        }
        return 0;
    }
}
