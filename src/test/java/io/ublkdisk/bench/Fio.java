package io.ublkdisk.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** fio on a device, several windows of the same work in one run. */
final class Fio {
    private static final int FIRST_READ = 5;
    private static final int FIRST_WRITE = 46;
    private static final int CONTEXT_SWITCHES = 89;
    private static final int LIMIT_SECONDS = 600;

    /** @param nanos each request took, in a saturated queue @param switches of fio's threads, each request */
    record Window(double nanos, double switches) {}

    private final List<String> program;
    private final int sizeMib;

    Fio(List<String> program, int sizeMib) {
        this.program = program;
        this.sizeMib = sizeMib;
    }

    List<Window> run(Path device, Workload workload, int jobs, int windows) throws Exception {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(
                "--output-format=terse",
                "--terse-version=3",
                "--ioengine=libaio",
                "--direct=1",
                "--filename=" + device,
                "--rw=" + workload.rw(),
                "--bs=" + workload.blockSize(),
                "--iodepth=" + workload.depth(),
                "--size=" + sizeMib + "m",
                "--io_size=100g",
                "--number_ios=" + workload.requests() / jobs,
                "--numjobs=" + jobs,
                "--group_reporting=1",
                "--norandommap",
                "--randseed=1"));
        command.addAll(workload.more());
        for (int i = 0; i < windows; i++) {
            command.addAll(List.of("--name=window" + i, "--stonewall"));
        }
        Process fio = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(fio.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!fio.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || fio.exitValue() != 0) {
            throw new BenchException(workload + " on " + device + ": fio ends with " + fio.exitValue() + ": " + said);
        }
        List<Window> measured = said.lines()
                .filter(line -> line.startsWith("3;"))
                .map(line -> window(line.split(";"), workload, jobs))
                .toList();
        if (measured.size() != windows) {
            throw new BenchException(workload + " on " + device + ": fio said nothing that can be read: " + said);
        }
        return measured;
    }

    /** The fields are those of fio's "terse version 3". */
    private static Window window(String[] fields, Workload workload, int jobs) {
        double perSecond = Double.parseDouble(fields[FIRST_READ + 2]) + Double.parseDouble(fields[FIRST_WRITE + 2]);
        double requests = (double) (workload.requests() / jobs) * jobs;
        return new Window(1e9 / perSecond, Double.parseDouble(fields[CONTEXT_SWITCHES]) / requests);
    }
}
