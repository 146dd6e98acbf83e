package io.ublkdisk.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.bench.Results.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the benchmark does beside measuring: what it is told, what it writes, what it calls a loss. */
class BenchTest {
    private static final Map<String, String> VM = Map.of("unit", "instructions", "cpus", "1");

    @TempDir
    private Path folder;

    @Test
    void resultsAreReadAsTheyWereWritten() throws Exception {
        Results results = results(VM, 16_481.5);
        Path file = Files.writeString(folder.resolve("r.json"), results.json());
        assertThat(Results.parse(file)).isEqualTo(results);
    }

    @Test
    void aFileThatIsNoResultsIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("r.json"), "{\"results\": []}");
        assertThatThrownBy(() -> Results.parse(file))
                .hasMessageContaining("r.json")
                .hasMessageContaining("no results");
    }

    @Test
    void whatIsDearerByMoreThanThreePercentIsALoss() throws Exception {
        Results old = results(VM, 10_000);
        assertThat(Comparison.of(old, results(VM, 10_290))).singleElement().matches(line -> !line.isLoss());
        assertThat(Comparison.of(old, results(VM, 10_310)))
                .singleElement()
                .matches(Comparison.Line::isLoss)
                .asString()
                .contains("randread-4k-qd32", "LOSS");
        assertThat(Bench.compare(old, results(VM, 10_310))).isOne();
    }

    @Test
    void instructionsAreNotComparedWithNanoseconds() {
        Results old = results(Map.of("unit", "nanoseconds", "cpus", "1"), 10_000);
        assertThatThrownBy(() -> Comparison.of(old, results(VM, 10_000)))
                .hasMessageContaining("unit was nanoseconds and is instructions");
    }

    @Test
    void badArgumentsAreNamedWithWhatIsPossible() {
        assertThatThrownBy(() -> Settings.parse("--targets", "ublk"))
                .hasMessageContaining("'ublk'")
                .hasMessageContaining("null_blk");
        assertThatThrownBy(() -> Settings.parse("--workloads", "x")).hasMessageContaining("randread-4k-qd32");
        assertThatThrownBy(() -> Settings.parse("--size", "4")).hasMessageContaining("16 to 1024");
        assertThatThrownBy(() -> Settings.parse("--peer", "it=x")).hasMessageContaining("--device");
        assertThatThrownBy(() -> Settings.parse("--peer", "x", "--device", "/dev/x"))
                .hasMessageContaining("NAME=CMD");
        assertThatThrownBy(() -> Settings.parse("--peer", "it=x", "--device", "x"))
                .hasMessageContaining("under /dev");
        assertThatThrownBy(() -> Settings.parse("--compare", "/nowhere.json")).hasMessageContaining("/nowhere.json");
        assertThatThrownBy(() -> Settings.parse("--fast", "yes")).hasMessageContaining("--fast");
    }

    @Test
    void aPeerThatIsNotThereIsSaidBeforeAnythingStarts() {
        assertThatThrownBy(() -> Settings.parse("--peer", "it=no-such-server --null", "--device", "/dev/null0"))
                .hasMessageContaining("no program no-such-server");
    }

    @Test
    void eachPeerIsADiskOfItsOwn() throws Exception {
        Settings settings = Settings.parse(
                "--targets",
                "brd",
                "--peer",
                "a=true",
                "--device",
                "/dev/a",
                "--peer",
                "b=true -x",
                "--device",
                "/dev/b");
        assertThat(settings.targets).extracting(Target::name).containsExactly("brd", "a", "b");
    }

    @Test
    void aMissingFioIsSaidBeforeAnythingStarts() throws Exception {
        Settings settings = Settings.parse("--targets", "brd", "--fio", "no-such-fio --eta=never");
        assertThatThrownBy(settings::check).hasMessageContaining("no program no-such-fio");
    }

    @Test
    void tooLittleMemoryIsSaidBeforeAnythingStarts() throws Exception {
        Settings settings = Settings.parse("--targets", "ublkdisk,brd", "--size", "512");
        assertThat(settings.tooLittle(1500))
                .hasValueSatisfying(why -> assertThat(why).contains("2 disks of 512 MiB", "1500 are free", "--memory"));
        assertThat(settings.tooLittle(4000)).isEmpty();
    }

    @Test
    void moreQueuesThanProcessorsAreRefusedSinceTheKernelWouldMakeFewer() throws Exception {
        Settings settings = Settings.parse("--targets", "ublkdisk", "--queues", "1,2");
        assertThat(settings.tooFewProcessors(1))
                .hasValueSatisfying(why -> assertThat(why).contains("--queues 2", "there are 1", "--cpus 2"));
        assertThat(settings.tooFewProcessors(2)).isEmpty();
    }

    @Test
    void runsWithNothingInCommonAreNotComparedInSilence() {
        Results others = new Results(VM, List.of(new Result("brd", "randread-4k-qd32", 1, 1, 7_000, 0, 1)));
        assertThatThrownBy(() -> Bench.compare(results(VM, 10_000), others))
                .hasMessageContaining("nothing in common")
                .hasMessageContaining("ublkdisk randread-4k-qd32 jobs=1 queues=1");
    }

    @Test
    void whatIsNoBlockDeviceIsNotWrittenTo() throws IOException {
        assertThat(InUse.of(Files.createFile(folder.resolve("file"))))
                .hasValueSatisfying(why -> assertThat(why).contains("no block device"));
        assertThat(InUse.of(folder.resolve("nothing"))).isEmpty();
    }

    private static Results results(Map<String, String> where, double each) {
        return new Results(where, List.of(new Result("ublkdisk", "randread-4k-qd32", 1, 1, each, 0.25, 1.5)));
    }
}
