package io.ublkdisk.bench;

import io.ublkdisk.bench.Results.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an I/O costs on our disks and on others, side by side ({@code vm/bench}, docs/performance.md). All disks are there from
 * the beginning; each workload goes over all of them before the next one begins.
 *
 * <p>A result is the mean of two windows that follow each other and agree; where two do not, more are asked for, and what they
 * still differ by stands beside the result. On our disks the very workload runs before, for as many requests as make the JIT
 * compile all that they come by: it compiles at once ({@code -Xbatch}), when a method has been called a number of times.
 */
final class Bench {
    /** Windows that differ by less are equal. */
    private static final double EQUAL_PERCENT = 1;

    private static final int WINDOWS = 2;
    private static final int ROUNDS = 4;
    /** What is written before anything is measured: every page is there then, and the cache of ours is full. */
    private static final int FILL_MIB = 320;
    /** Windows that the JIT gets. */
    private static final int WARM_UP = 3;

    private final Settings settings;
    private final Fio fio;
    private final Map<String, String> where;
    private final List<Result> results = new ArrayList<>();

    private record Open(Target target, Path device) {}

    private Bench(Settings settings) throws IOException {
        this.where = where(settings);
        this.settings = settings;
        this.fio = new Fio(settings.fio, settings.sizeMib);
    }

    public static void main(String[] arguments) {
        try {
            System.exit(run(arguments));
        } catch (BenchException e) {
            System.err.println("ublkdisk bench: " + e.getMessage());
        } catch (Exception e) {
            e.printStackTrace();
        }
        System.exit(1);
    }

    private static int run(String[] arguments) throws Exception {
        if (List.of(arguments).contains("--help")) {
            System.out.print(Settings.usage());
            return 0;
        }
        Settings settings = Settings.parse(arguments);
        if (settings.dry) {
            return 0;
        }
        settings.check();
        Bench bench = new Bench(settings);
        bench.keep(); // if the file is of another kernel or commit it is said now
        for (int queues : settings.queues) {
            bench.measureAll(queues);
        }
        Results results = bench.keep();
        System.out.print(Table.of(results));
        if (settings.plots.isPresent()) {
            Plot.all(results, settings.plots.get());
        }
        return settings.old.isPresent() ? compare(settings.old.get(), results) : 0;
    }

    private void measureAll(int queues) throws Exception {
        Deque<Target> begun = new ArrayDeque<>();
        try {
            List<Open> disks = new ArrayList<>();
            for (Target target : settings.targets) {
                begun.push(target);
                disks.add(new Open(target, target.open(queues, settings.sizeMib)));
            }
            Workload fill = new Workload("fill", "write", "128k", 8, FILL_MIB * 8, List.of());
            for (Open disk : disks) {
                schedule(disk);
                fio.run(disk.device, fill, 1, 1);
            }
            for (Workload workload : settings.workloads) {
                keep();
                for (int jobs : settings.jobs) {
                    for (Open disk : disks) {
                        results.add(measure(disk, workload, jobs, queues));
                    }
                }
            }
        } finally {
            for (Target target : begun) {
                try {
                    target.close();
                } catch (Exception e) {
                    System.err.println("ublkdisk bench: " + target.name() + " is not taken down: " + e.getMessage());
                }
            }
        }
    }

    private void schedule(Open disk) throws IOException {
        Path file = Path.of("/sys/class/block", disk.device.toRealPath().getFileName() + "", "queue/scheduler");
        if (settings.scheduler.isPresent() && Files.exists(file)) {
            Files.writeString(file, settings.scheduler.get());
        }
    }

    private Result measure(Open disk, Workload workload, int jobs, int queues) throws Exception {
        if (disk.target.isOurs()) {
            fio.run(disk.device, workload.times(WARM_UP), jobs, 1);
        }
        Fio.Window before = null;
        Fio.Window last = null;
        for (int round = 0; round < ROUNDS; round++) {
            for (Fio.Window window : fio.run(disk.device, workload, jobs, WINDOWS)) {
                System.err.printf(
                        "%s, %s: %.0f, %.2f switches%n",
                        disk.target.name(), workload, window.nanos(), window.switches());
                before = last;
                last = window;
                if (before != null && differ(before.nanos(), last.nanos()) < EQUAL_PERCENT) {
                    return result(disk, workload, jobs, queues, before, last);
                }
            }
        }
        return result(disk, workload, jobs, queues, before, last);
    }

    private static Result result(Open disk, Workload workload, int jobs, int queues, Fio.Window one, Fio.Window other) {
        return new Result(
                disk.target.name(),
                workload.name(),
                jobs,
                queues,
                (one.nanos() + other.nanos()) / 2,
                differ(one.nanos(), other.nanos()),
                (one.switches() + other.switches()) / 2);
    }

    private static double differ(double one, double other) {
        return one == 0 ? 100 : 100 * Math.abs(other / one - 1);
    }

    private static Map<String, String> where(Settings settings) throws IOException {
        Map<String, String> where = new LinkedHashMap<>();
        where.put(
                "kernel",
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        where.put("jdk", System.getProperty("java.vm.version"));
        where.put("cpus", Integer.toString(Runtime.getRuntime().availableProcessors()));
        settings.scheduler.ifPresent(scheduler -> where.put("scheduler", scheduler));
        for (String label : settings.labels()) {
            where.put(label.substring(0, label.indexOf('=')), label.substring(label.indexOf('=') + 1));
        }
        return where;
    }

    /** What there is so far, in its file, so that whoever ends this early has something. */
    private Results keep() throws Exception {
        Results so = new Results(where, List.copyOf(results));
        return settings.json.isPresent() ? kept(so, settings.json.get()) : so;
    }

    /** Writes them to that file, with those that are in it already and were not measured again. */
    private static Results kept(Results results, Path file) throws Exception {
        List<Result> all = new ArrayList<>(results.all());
        if (Files.exists(file)) {
            Results there = Results.parse(file);
            if (!there.where().equals(results.where())) {
                throw new BenchException(
                        file + " is of " + there.where() + ", and this was " + results.where() + "; name another file");
            }
            there.all().stream().filter(r -> results.find(r.key()).isEmpty()).forEach(all::add);
        }
        Results together = new Results(results.where(), all);
        if (all.isEmpty()) {
            return together;
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, together.json());
        return together;
    }

    static int compare(Results old, Results results) throws BenchException {
        List<Comparison.Line> lines = Comparison.of(old, results);
        if (lines.isEmpty()) {
            throw new BenchException("the two runs have nothing in common: "
                    + old.all().get(0).key() + ", for instance, is in the old one alone");
        }
        lines.forEach(System.out::println);
        long losses = lines.stream().filter(Comparison.Line::isLoss).count();
        System.out.printf(
                "%d of %d have become dearer by more than %.0f %%%n", losses, lines.size(), Comparison.LOSS_PERCENT);
        return losses > 0 ? 1 : 0;
    }
}
