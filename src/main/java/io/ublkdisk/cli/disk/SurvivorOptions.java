package io.ublkdisk.cli.disk;

import picocli.CommandLine.Option;

/** What of the unflushed writes a power cut leaves. */
final class SurvivorOptions {
    @Option(
            names = "--keep",
            paramLabel = "WHAT",
            description = "What survives: none (default), all, 'random P', 'first N', 'only N..N'; 'all torn'.")
    String keep = "none";

    @Option(names = "--seed", paramLabel = "S", description = "What that chance comes from; 0.")
    long seed;
}
