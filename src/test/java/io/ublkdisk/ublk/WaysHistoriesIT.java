package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ublkdisk.block.Operation;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.server.Askers;
import io.ublkdisk.server.History;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whichever way requests come and bytes go, with however many queues and threads: what several writers and readers of the same
 * blocks are told fits a register for each sector.
 */
@Timeout(300)
class WaysHistoriesIT {
    private static final boolean ALL = Boolean.getBoolean("ublkdisk.all");
    private static final int HISTORIES = ALL ? 200 : 20;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
    }

    static Stream<Arguments> waysAndQueues() {
        return Way.withData()
                .flatMap(way ->
                        Stream.of(1, 2, 4).filter(queues -> ALL || queues == 2).map(queues -> arguments(way, queues)));
    }

    @ParameterizedTest
    @MethodSource("waysAndQueues")
    void historiesAreLinearizable(Way way, int queues) throws Exception {
        Needs.features(way.features());
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).seed(1).build();
                UblkDevice device = way.on(drive).queues(queues).queueDepth(8).create()) {
            device.start();
            try (Askers askers = new Askers(device.path())) {
                for (int seed = 0; seed < HISTORIES; seed++) {
                    History history = askers.ask(new SplittableRandom(seed), () -> null);
                    assertThat(history.notLinearizable())
                            .as("seed %d: %s", seed, history)
                            .isEmpty();
                    askers.left();
                }
            }
            assertThat(device.metrics().operation(Operation.WRITE).count()).isGreaterThan(HISTORIES);
            assertThat(device.metrics().errors()).isEmpty();
        }
    }
}
