package io.ublkdisk.cli.kublk;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "recover",
        mixinStandardHelpOptions = true,
        description = "Serve a device whose server is gone; with the options that it was made with, and -n.")
final class RecoverCommand implements Callable<Integer> {
    @Mixin
    private DeviceOptions options;

    @Override
    public Integer call() throws IOException {
        throw new IOException("not served yet: recovery");
    }
}
