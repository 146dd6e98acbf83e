package io.ublkdisk.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.cache.WriteOutcome;
import io.ublkdisk.media.PagePool;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The drive against a plain model of it, over everything that a program can do to it in one thread. */
class DriveModelTest {
    /** Ends inside a page; small, so that requests meet. */
    private static final int SECTORS = 203;

    enum Kind {
        WRITE,
        WRITE_FUA,
        FLUSH,
        DISCARD,
        WRITE_ZEROES,
        READ,
        SNAPSHOT,
        REWIND,
        CRASH_IMAGE,
        POWER_CUT
    }

    record Step(Kind kind, int sector, int sectorCount, int content) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kind = Arbitraries.frequency(
                Tuple.of(12, Kind.WRITE),
                Tuple.of(3, Kind.WRITE_FUA),
                Tuple.of(2, Kind.FLUSH),
                Tuple.of(2, Kind.DISCARD),
                Tuple.of(2, Kind.WRITE_ZEROES),
                Tuple.of(2, Kind.READ),
                Tuple.of(1, Kind.SNAPSHOT),
                Tuple.of(1, Kind.REWIND),
                Tuple.of(2, Kind.CRASH_IMAGE),
                Tuple.of(1, Kind.POWER_CUT));
        Arbitrary<Integer> count = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.integers().between(1, 17)),
                Tuple.of(1, Arbitraries.integers().between(1, SECTORS)));
        return Combinators.combine(kind, Arbitraries.integers().between(0, SECTORS - 1), count, Arbitraries.integers())
                .as((k, sector, n, content) -> new Step(k, sector, Math.min(n, SECTORS - sector), content))
                .list()
                .ofMaxSize(60);
    }

    @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
    void doesWhatItsModelDoes(@ForAll("steps") List<Step> steps, @ForAll boolean volatileCache) {
        PagePool pool = new PagePool();
        Drive drive = Drive.builder()
                .sizeBytes(SECTORS * 512L)
                .volatileCache(volatileCache)
                .pool(pool)
                .build();
        Run run = new Run(drive, new ModelDrive(SECTORS, volatileCache));
        for (Step step : steps) {
            run.take(step);
            assertThat(drive.cache().unflushed()).isEqualTo(run.model.unflushed());
        }
        assertThat(run.host.readAll()).isEqualTo(run.model.current());
        assertThat(drive.requests().stats().unflushedWrites())
                .isEqualTo(drive.cache().unflushed().size());
        run.snapshots.forEach(Snapshot::close);
        drive.close();
        assertThat(pool.usedPages()).as("pages that nobody gave back").isZero();
    }

    /** The same over steps that follow from a seed, on a drive of zeroes that is given. */
    static void compare(Drive drive, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Run run = new Run(drive, new ModelDrive(SECTORS, drive.cache().isVolatile()));
        for (int i = 0; i < 100; i++) {
            int sector = random.nextInt(SECTORS);
            int count = Math.min(1 + random.nextInt(random.nextInt(1, SECTORS)), SECTORS - sector);
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            if (kind != Kind.SNAPSHOT || run.snapshots.isEmpty()) {
                run.take(new Step(kind, sector, count, random.nextInt()));
            }
            if (random.nextInt(10) == 0) {
                run.snapshots.forEach(Snapshot::close);
                run.snapshots.clear();
                run.modelSnapshots.clear();
            }
        }
        assertThat(run.host.readAll()).isEqualTo(run.model.current());
        run.snapshots.forEach(Snapshot::close);
    }

    private static final class Run {
        final Drive drive;
        final Host host;
        final ModelDrive model;
        final List<Snapshot> snapshots = new ArrayList<>();
        final List<byte[]> modelSnapshots = new ArrayList<>();

        Run(Drive drive, ModelDrive model) {
            this.drive = drive;
            this.host = new Host(drive);
            this.model = model;
        }

        void take(Step step) {
            int sector = step.sector;
            int count = step.sectorCount;
            switch (step.kind) {
                case WRITE -> {
                    byte[] data = bytes(step.content, count);
                    ok(host.write(sector, data));
                    model.change(Operation.WRITE, false, sector, count, data);
                }
                case WRITE_FUA -> {
                    byte[] data = bytes(step.content, count);
                    ok(host.writeFua(sector, data));
                    model.change(Operation.WRITE, true, sector, count, data);
                }
                case FLUSH -> {
                    ok(host.flush());
                    model.flush();
                }
                case DISCARD -> {
                    ok(host.discard(sector, count));
                    model.change(Operation.DISCARD, false, sector, count, null);
                }
                case WRITE_ZEROES -> {
                    ok(host.writeZeroes(sector, count));
                    model.change(Operation.WRITE_ZEROES, false, sector, count, null);
                }
                case READ -> assertThat(host.read(sector, count)).isEqualTo(slice(model.current(), sector, count));
                case SNAPSHOT -> {
                    snapshots.add(drive.snapshot());
                    modelSnapshots.add(model.current());
                }
                case REWIND -> {
                    if (!snapshots.isEmpty()) {
                        int which = Math.floorMod(step.content, snapshots.size());
                        drive.rewind(snapshots.get(which));
                        model.become(modelSnapshots.get(which));
                    }
                }
                case CRASH_IMAGE -> {
                    SurvivalPolicy survivors = survivors(step.content);
                    try (Drive image = drive.crashImage(survivors)) {
                        assertThat(new Host(image).readAll()).isEqualTo(model.crash(survivors));
                    }
                }
                case POWER_CUT -> {
                    SurvivalPolicy survivors = survivors(step.content);
                    byte[] left = model.crash(survivors);
                    drive.powerCut(survivors);
                    assertThat(host.write(sector, new byte[512])).isEqualTo(BlockStatus.IO);
                    assertThat(host.flush()).isEqualTo(BlockStatus.IO);
                    drive.cache().powerOn();
                    model.become(left);
                    assertThat(host.readAll()).isEqualTo(left);
                }
            }
        }
    }

    private static SurvivalPolicy survivors(int content) {
        SurvivalPolicy random = SurvivalPolicy.random(0.5, content);
        return switch (Math.floorMod(content, 9)) {
            case 0 -> SurvivalPolicy.none();
            case 1 -> SurvivalPolicy.all();
            case 2 -> SurvivalPolicy.first(content & 7);
            case 3 -> SurvivalPolicy.only(content & 15, content >> 4 & 15, content >> 8 & 15);
            case 4 -> random.torn(0.7, SurvivalPolicy.Tear.LEFT, WriteOutcome.Rest.OLD, content);
            case 5 -> random.torn(0.7, SurvivalPolicy.Tear.RIGHT, WriteOutcome.Rest.ZEROES, content);
            case 6 -> random.torn(0.7, SurvivalPolicy.Tear.SUBSET, WriteOutcome.Rest.OLD, content);
            case 7 -> SurvivalPolicy.all().torn(1, SurvivalPolicy.Tear.SUBSET, WriteOutcome.Rest.ZEROES, content);
            default -> random;
        };
    }

    private static void ok(BlockStatus status) {
        assertThat(status).isEqualTo(BlockStatus.OK);
    }

    private static byte[] bytes(int content, int sectorCount) {
        byte[] bytes = new byte[sectorCount * 512];
        new SplittableRandom(content).nextBytes(bytes);
        return bytes;
    }

    private static byte[] slice(byte[] all, int sector, int sectorCount) {
        return java.util.Arrays.copyOfRange(all, sector * 512, (sector + sectorCount) * 512);
    }
}
