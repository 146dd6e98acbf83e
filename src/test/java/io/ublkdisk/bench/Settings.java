package io.ublkdisk.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What to measure, and where to put it, as the command line says. */
final class Settings {
    static final String USAGE = """
            --targets T,…     which disks: %s
            --workloads W,…   what is done to them: %s
            --jobs N,…        fio's processes (default 1)
            --queues N,…      of the disk, where it has queues (default 1)
            --size MIB        of the disk that is used (default 64)
            --fio CMD         how fio is started (default fio; 'chrt -b 0 fio', for instance)
            --scheduler S     of all disks that have one (none, mq-deadline; default: what the kernel chose)
            --peer NAME=CMD   another server: started with CMD, where $SIZE (MiB) and $QUEUES stand for what is measured, and
            --device DEV      ended with SIGTERM, and a ublk device that outlives it deleted; its device is written over.
                              Both again for another one
            --json FILE       the results as JSON, added to those of the same kernel, JDK and commit that are there
            --plots FOLDER    an SVG for each workload
            --compare OLD     says what has become dearer since OLD.json, and fails if something has by more than %d %%
            """;

    private static final Pattern PEER = Pattern.compile("([A-Za-z0-9-]+)=(.+)");

    /** Beside what the disks hold: this JVM, a server, fio. */
    private static final int MEMORY_MIB = 900;

    List<Target> targets = new ArrayList<>();
    List<Workload> workloads = Workload.ALL;
    List<Integer> jobs = List.of(1);
    List<Integer> queues = List.of(1);
    int sizeMib = 64;
    List<String> fio = List.of("fio");
    Optional<String> scheduler = Optional.empty();
    /** Only to see whether the arguments make sense. */
    boolean dry;

    Optional<Path> json = Optional.empty();
    Optional<Path> plots = Optional.empty();
    Optional<Results> old = Optional.empty();
    /** What is written into the results: unit, commit, processors. */
    private final List<String> labels = new ArrayList<>();

    static Settings parse(String... arguments) throws Exception {
        Settings settings = new Settings();
        List<String> peers = new ArrayList<>();
        List<String> devices = new ArrayList<>();
        List<String> names = names(mostTargets());
        for (int i = 0; i < arguments.length; i += 2) {
            String option = arguments[i];
            if (i + 1 == arguments.length) {
                throw new BenchException(option + " needs a value; vm/bench --help tells which");
            }
            String value = arguments[i + 1];
            switch (option) {
                case "--targets" -> names = List.of(value.split(","));
                case "--workloads" -> settings.workloads = workloads(value);
                case "--jobs" -> settings.jobs = numbers(option, value, 1, 64);
                case "--queues" -> settings.queues = numbers(option, value, 1, 64);
                case "--size" ->
                    settings.sizeMib = numbers(option, value, 16, 1024).get(0);
                case "--peer" -> peers.add(value);
                case "--device" -> devices.add(value);
                case "--json" -> settings.json = Optional.of(Path.of(value));
                case "--plots" -> settings.plots = Optional.of(Path.of(value));
                case "--compare" -> settings.old = Optional.of(Results.parse(Path.of(value)));
                case "--fio" -> settings.fio = List.of(value.split("\\s+"));
                case "--scheduler" -> settings.scheduler = Optional.of(value);
                case "--dry-run" -> settings.dry = true;
                case "--label" -> settings.labels.add(value);
                default -> throw new BenchException("unknown option " + option + "; vm/bench --help lists them");
            }
        }
        if (peers.size() != devices.size()) {
            throw new BenchException("--peer NAME=CMD and --device DEV belong together");
        }
        settings.targets.addAll(targets(names));
        for (int i = 0; i < peers.size(); i++) {
            settings.targets.add(peer(peers.get(i), devices.get(i)));
        }
        return settings;
    }

    /** Everything that can be known to be wrong, before anything is made. */
    void check() throws Exception {
        List<String> problems = new ArrayList<>();
        if (!Shell.has(fio.get(0))) {
            problems.add("--fio: there is no program " + fio.get(0) + " here; give its path, or install it");
        }
        for (Target target : targets) {
            String missing = target.missing();
            if (!missing.isEmpty()) {
                problems.add(missing);
            }
        }
        tooFewProcessors(Runtime.getRuntime().availableProcessors()).ifPresent(problems::add);
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemAvailable:"))
                .map(line -> tooLittle(Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10))
                .forEach(problem -> problem.ifPresent(problems::add));
        if (!problems.isEmpty()) {
            throw new BenchException(String.join("\nublkdisk bench: ", problems));
        }
    }

    /** Why that much free memory is not enough; empty if it is. */
    Optional<String> tooLittle(long availableMib) {
        long needed = MEMORY_MIB
                + targets.stream().mapToLong(t -> t.memoryMib(sizeMib)).sum();
        return availableMib >= needed
                ? Optional.empty()
                : Optional.of(targets.size() + " disks of " + sizeMib + " MiB need some " + needed
                        + " MiB of memory, and " + availableMib
                        + " are free; a smaller --size, fewer --targets, or a VM with more --memory");
    }

    /** Why so many processors are not enough; empty if they are. A device gets no more queues than there are, and says nothing. */
    Optional<String> tooFewProcessors(int processors) {
        int most = Collections.max(queues);
        return most <= processors
                ? Optional.empty()
                : Optional.of(
                        "--queues " + most + ": the kernel makes a queue for each processor at most, and there are "
                                + processors + "; a VM with --cpus " + most);
    }

    List<String> labels() {
        return labels;
    }

    static String usage() {
        return String.format(
                USAGE,
                String.join(" ", names(allTargets())),
                Workload.ALL.stream().map(Workload::name).collect(Collectors.joining(" ")),
                (int) Comparison.LOSS_PERCENT);
    }

    /** What is measured where nobody says what. */
    private static List<Target> mostTargets() {
        List<Target> most = new ArrayList<>(OwnDisk.all());
        most.addAll(BareDisk.all());
        most.addAll(ShellDisk.kernel());
        return most;
    }

    private static List<Target> allTargets() {
        List<Target> all = new ArrayList<>(BareDisk.otherWays());
        all.addAll(mostTargets());
        return all;
    }

    private static List<String> names(List<Target> targets) {
        return targets.stream().map(Target::name).toList();
    }

    /** In the order in which they have to be opened. */
    private static List<Target> targets(List<String> names) throws BenchException {
        for (String name : names) {
            if (!names(allTargets()).contains(name)) {
                throw new BenchException(
                        "no target '" + name + "'; there are " + String.join(" ", names(allTargets())));
            }
        }
        return allTargets().stream().filter(t -> names.contains(t.name())).toList();
    }

    private static Target peer(String peer, String device) throws Exception {
        Matcher parts = PEER.matcher(peer);
        if (!parts.matches()) {
            throw new BenchException("--peer '" + peer + "': write NAME=CMD, the name in letters, digits and dashes");
        }
        if (!device.startsWith("/dev/")) {
            throw new BenchException("--device '" + device + "' is not a device under /dev");
        }
        ShellDisk disk = ShellDisk.peer(parts.group(1), parts.group(2), device);
        for (String program : disk.programs()) {
            if (!Shell.has(program)) {
                throw new BenchException("--peer: there is no program " + program
                        + " here; give its path, which in the VM cannot be in /tmp, since that has one of its own");
            }
        }
        return disk;
    }

    private static List<Workload> workloads(String value) throws BenchException {
        List<Workload> chosen = new ArrayList<>();
        for (String name : value.split(",")) {
            chosen.add(Workload.named(name)
                    .orElseThrow(() -> new BenchException("no workload '" + name + "'; there are " + Workload.ALL)));
        }
        return chosen;
    }

    private static List<Integer> numbers(String option, String value, int least, int most) throws BenchException {
        try {
            List<Integer> numbers =
                    Arrays.stream(value.split(",")).map(Integer::valueOf).toList();
            if (numbers.stream().allMatch(n -> n >= least && n <= most)) {
                return numbers;
            }
        } catch (NumberFormatException e) {
            throw new BenchException(option + " '" + value + "': write numbers from " + least + " to " + most);
        }
        throw new BenchException(option + " '" + value + "': write numbers from " + least + " to " + most);
    }
}
