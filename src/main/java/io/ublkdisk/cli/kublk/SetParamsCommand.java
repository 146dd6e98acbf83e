package io.ublkdisk.cli.kublk;

import io.ublkdisk.kernel.UblkParams;
import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkException;
import io.ublkdisk.ublk.UblkFeature;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "set_params",
        mixinStandardHelpOptions = true,
        description = "Whether the driver takes these parameters: ADD_DEV, SET_PARAMS, DEL_DEV.")
final class SetParamsCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ZONE_SECTORS = 128;

    /** The parts of the parameters that can be asked for. */
    enum Part {
        BASIC(UblkParams.UBLK_PARAM_TYPE_BASIC),
        ZONED(UblkParams.UBLK_PARAM_TYPE_ZONED),
        NONE(0);

        private final int bits;

        Part(int bits) {
            this.bits = bits;
        }
    }

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Option(
            names = {"-n", "--number"},
            paramLabel = "N",
            description = "The number of the device; -1, the default, for any.")
    private int id = -1;

    @Option(
            names = {"-q", "--queues"},
            paramLabel = "Q",
            description = "Hardware queues; 2.")
    private int queues = 2;

    @Option(
            names = {"-d", "--depth"},
            paramLabel = "D",
            description = "Requests in flight for each queue; 128.")
    private int depth = 128;

    @Option(
            names = {"-u", "--user_copy"},
            description = "With USER_COPY.")
    private boolean userCopy;

    @Option(names = "--zoned", description = "With ZONED.")
    private boolean zoned;

    @Option(names = "--param_types", split = ",", paramLabel = "PART", description = "basic, zoned, none; basic.")
    private List<Part> parts = List.of(Part.BASIC);

    @Option(names = "--logical_bs_shift", paramLabel = "SHIFT", description = "9.")
    private int logicalShift = 9;

    @Option(names = "--physical_bs_shift", paramLabel = "SHIFT", description = "12.")
    private int physicalShift = 12;

    @Option(names = "--io_min_shift", paramLabel = "SHIFT", description = "9.")
    private int ioMinShift = 9;

    @Option(names = "--io_opt_shift", paramLabel = "SHIFT", description = "12.")
    private int ioOptShift = 12;

    @Option(names = "--max_sectors", paramLabel = "SECTORS", description = "2048.")
    private int maxSectors = 2048;

    @Option(names = "--chunk_sectors", paramLabel = "SECTORS", description = "128.")
    private int chunkSectors = ZONE_SECTORS;

    @Option(names = "--dev_sectors", paramLabel = "SECTORS", description = "2048.")
    private long deviceSectors = 16 * ZONE_SECTORS;

    @Option(names = "--max_zone_append_sectors", paramLabel = "SECTORS", description = "8.")
    private int maxAppendSectors = 8;

    @Option(names = "--max_open_zones", paramLabel = "ZONES", description = "0.")
    private int maxOpenZones;

    @Option(names = "--max_active_zones", paramLabel = "ZONES", description = "0.")
    private int maxActiveZones;

    @Override
    public Integer call() throws IOException {
        int answer = 0;
        try (UblkControl control = UblkControl.open(LIMIT)) {
            control.tryParams(id, queues, depth, features(), this::fill);
        } catch (UblkException e) {
            if (!e.operation().startsWith("SET_PARAMS")) {
                throw e;
            }
            answer = -e.errno().number();
        }
        command.commandLine().getOut().printf("SET_PARAMS returned %d%n", answer);
        command.commandLine().getOut().flush();
        return answer == 0 ? 0 : 1;
    }

    private Set<UblkFeature> features() {
        Set<UblkFeature> features = EnumSet.noneOf(UblkFeature.class);
        if (userCopy) {
            features.add(UblkFeature.USER_COPY);
        }
        if (zoned) {
            features.add(UblkFeature.ZONED);
        }
        return features;
    }

    private void fill(UblkParams params) {
        params.types(parts.stream().mapToInt(part -> part.bits).reduce(0, (a, b) -> a | b))
                .logicalBsShift(logicalShift)
                .physicalBsShift(physicalShift)
                .ioMinShift(ioMinShift)
                .ioOptShift(ioOptShift)
                .maxSectors(maxSectors)
                .chunkSectors(chunkSectors)
                .devSectors(deviceSectors)
                .maxOpenZones(maxOpenZones)
                .maxActiveZones(maxActiveZones)
                .maxZoneAppendSectors(maxAppendSectors);
    }
}
