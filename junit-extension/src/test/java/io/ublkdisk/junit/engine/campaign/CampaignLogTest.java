package io.ublkdisk.junit.engine.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of verdicts. */
class CampaignLogTest {
    @Test
    void hasALineForEachStateAsSoonAsItIsKnown(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("states.tsv");
        CampaignLog log = new CampaignLog(file);
        log.add(2, "passed", 1_500_000_000, "e0:all", "nothing", "");
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "test\tverdict\ttime\tstate\tpromised\twhy", "[2]\tpassed\t1.500 s\te0:all\tnothing\t");
        log.add(3, "FAILED", 0, "e0:none", "1, 2", "\n\nexpected\tthat\nbut was this");
        assertThat(Files.readAllLines(file)).last().isEqualTo("[3]\tFAILED\t0.000 s\te0:none\t1, 2\texpected that");
    }
}
