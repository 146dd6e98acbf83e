package io.ublkdisk.cli.disk;

import io.ublkdisk.control.ByteSize;
import io.ublkdisk.control.RemoteDisk;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Bit rot that has happened. */
@Command(
        name = "damage",
        mixinStandardHelpOptions = true,
        description = {
            "Damage bytes at rest, while programs use the disk; prints which changed.",
            "Durable at once; a write of the sector, or rewind, takes it away. What the kernel has cached stays as it is."
        })
public final class DamageCommand extends DiskCommand {
    @Parameters(index = "1", paramLabel = "OFFSET", description = "The first byte, for instance 4096 or 1MiB.")
    private String offset;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "LENGTH",
            defaultValue = "1",
            description = "How many bytes; 1.")
    private String length;

    @Option(
            names = "--with",
            paramLabel = "HOW",
            defaultValue = "flip",
            description = "flip (one bit of each sector, the default), zero or garbage.")
    private String with;

    @Option(names = "--seed", paramLabel = "S", description = "Which bits, which noise; by the disk's own seed.")
    private Long seed;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        OptionalLong chosen = seed == null ? OptionalLong.empty() : OptionalLong.of(seed);
        out.println(disk.damage(ByteSize.parse(offset), ByteSize.parse(length), with, chosen));
    }
}
