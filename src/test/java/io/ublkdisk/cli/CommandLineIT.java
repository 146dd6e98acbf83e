package io.ublkdisk.cli;

import static io.ublkdisk.cli.Ended.here;
import static io.ublkdisk.cli.Ended.shell;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.cli.disk.Servers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The packaged {@code target/ublkdisk}, as a shell runs it. What only asks a server is asked from within this JVM, by the
 * same commands, because a JVM takes seconds to start where the processor is emulated.
 */
@Timeout(300)
class CommandLineIT {
    @BeforeAll
    static void isPackaged() {
        Ended.assertThatDisksCanBeMade();
    }

    @Test
    void aDiskInTheBackgroundIsFoundByNameGetsRulesCountsAndGoes() throws Exception {
        // As $(ublkdisk add …): returns although the server goes on.
        Ended add = ublkdisk(
                "add", "--name", "db", "--size", "64M", "-e", "rule bad: on read sectors 2048..2055 fail MEDIUM");
        assertThat(add.err()).isEmpty();
        assertThat(add.status()).isZero();
        Path device = Path.of(add.out().strip());
        assertThat(device.toString()).startsWith("/dev/ublkb");
        assertThat(device).exists();

        assertThat(ublkdisk("fault", "db", "rule more: on write nth 1000 fail IO")
                        .out())
                .isEqualTo("more\n");
        readAll(device);
        assertThat(here("rules", device.toString()).out()).contains("rule bad: on read sectors 2048..2055 fail MEDIUM");
        assertThat(here("rules", "db", "--json").out())
                .matches("(?s).*\"name\": \"bad\", \"matched\": [1-9][0-9]*, \"fired\": [1-9].*");
        assertThat(here("list", "--json").out()).contains("\"name\": \"db\"", "\"size\": 67108864");
        assertThat(here("stats", "db", "--json").out())
                .contains("\"poweredOn\": true")
                .matches("(?s).*\"reads\": [1-9].*");

        assertThat(here("damage", "db", "1MiB", "4096", "--with", "garbage").out())
                .startsWith("sector 2048 byte 0: 0x")
                .endsWith("4096 bytes in all\n");
        assertThat(here("mark", "db", "half time").out()).isEqualTo("0\n");
        assertThat(here("journal", "db").out())
                .containsPattern("FAULT bad: #\\d+ read \\d+\\+\\d+ fails with MEDIUM")
                .containsPattern("read \\d+\\+\\d+ +MEDIUM +in \\d+ us, epoch \\d+, rule bad")
                .contains("DAMAGE garbage: sector 2048", "MARK half time");
        assertThat(here("journal", "db", "--events", "--json").out())
                .contains("\"kind\": \"fault\", \"request\": ", "\"text\": \"half time\"")
                .doesNotContain("\"kind\": \"request\"");

        Ended taken = ublkdisk("add", "--name", "db");
        assertThat(taken.status()).isEqualTo(1);
        assertThat(taken.err()).contains("the name 'db' is taken");
        Ended unknown = here("clear", "dbb");
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err()).isEqualTo("ublkdisk: no disk 'dbb'; did you mean 'db'?\n");

        assertThat(ublkdisk("del", "db").status()).isZero();
        assertThat(device).doesNotExist();
        assertThat(here("list").out()).isEmpty();
    }

    @Test
    void theServersJvmPrintsWhatAJvmOfItsOwnPrints() throws Exception {
        ublkdisk("add", "--size", "64M", "--name", "two-ways", "-e", "rule bad: on read nth 9 fail IO");
        try {
            String[][] commands = {
                {"rules", "two-ways"},
                {"stats", "two-ways", "--json"},
                {"mark", "two-ways", "a 'ü' \\n"},
                {"stats", "two-way"}
            };
            for (String[] words : commands) {
                long start = System.nanoTime();
                Ended served = ublkdisk(words);
                long servedNanos = System.nanoTime() - start;
                List<String> own = new ArrayList<>(List.of("env", "UBLKDISK_OWN_JVM=1", Ended.PROGRAM.toString()));
                own.addAll(List.of(words));
                start = System.nanoTime();
                Ended alone = Ended.of(own);
                long aloneNanos = System.nanoTime() - start;
                System.out.printf(
                        "ublkdisk %s: %.1f ms by the server, %.1f ms by a JVM of its own%n",
                        words[0], servedNanos / 1e6, aloneNanos / 1e6);
                assertThat(ageless(served)).isEqualTo(ageless(alone));
            }
        } finally {
            ublkdisk("del", "two-ways");
        }
    }

    /** The age of a disk is another one each time. */
    private static Ended ageless(Ended ended) {
        return new Ended(
                ended.status(), ended.out().replaceAll("\"ageNanos\": [0-9]+", "\"ageNanos\": 0"), ended.err());
    }

    @Test
    void inTheForegroundItEndsOnSigtermWithRequestsInFlight() throws Exception {
        Process run = new ProcessBuilder(Ended.PROGRAM.toString(), "run", "--size", "64M", "-e", "on write delay 3600s")
                .start();
        Path device = Path.of(new BufferedReader(new InputStreamReader(run.getInputStream())).readLine());
        Thread writer = new Thread(() -> write(device));
        writer.start();
        Ended rules = here("rules", device.toString(), "--json");
        assertThat(rules.out()).as(rules.err()).contains("on write delay");

        long start = System.nanoTime();
        run.destroy();
        assertThat(run.waitFor(90, TimeUnit.SECONDS)).isTrue();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(device).doesNotExist();
        System.out.println("SIGTERM to the end of the process, a request in flight: " + took.toMillis() + " ms");
        assertThat(run.exitValue()).isEqualTo(143);
        writer.join(10_000);
        assertThat(writer.isAlive()).as("the writer came back").isFalse();
    }

    @Test
    void aMarkBringsTheScriptOnAndReleaseWhatItHolds() throws Exception {
        Path device = Path.of(
                ublkdisk("add", "--size", "64M", "--name", "m", "-e", "at mark \"loaded\" rule late: on write hold")
                        .out()
                        .strip());
        assertThat(write(device)).as("a write before the mark").isTrue();
        assertThat(here("mark", "m", "unloaded").out()).isEqualTo("0\n");
        assertThat(here("mark", "m", "loaded").out()).isEqualTo("1\n");
        try (Servers servers = new Servers()) {
            for (String status : new String[] {null, "IO"}) {
                CompletableFuture<Boolean> written = CompletableFuture.supplyAsync(() -> write(device));
                assertThat(servers.disk("m").rules().awaitHeld("late", Duration.ofSeconds(20)))
                        .isOne();
                assertThat(written).isNotDone();
                Ended released = status == null ? here("release", "m") : here("release", "m", "late", "--fail", status);
                assertThat(released.out()).as(released.err()).isEqualTo("1\n");
                assertThat(written.get(20, TimeUnit.SECONDS)).isEqualTo(status == null);
            }
        }
        assertThat(here("release", "m", "lat").err()).contains("no rule 'lat'").contains("did you mean 'late'?");
        assertThat(here("del", "m").status()).isZero();
    }

    @Test
    void aSmallCacheWritesBackAndTheRestIsUnflushedAndCanBeKept() throws Exception {
        Path device = Path.of(ublkdisk("add", "--size", "64M", "--name", "c", "--cache-size", "64KiB")
                .out()
                .strip());
        assertThat(here("unflushed", "c").out()).isEmpty();
        shell("dd if=/dev/zero bs=4k count=24 status=none | tr '\\0' x | dd of=" + device
                + " bs=4k iflag=fullblock oflag=direct status=none");
        String table = here("unflushed", "c").out();
        assertThat(table.lines()).hasSize(1 + 16).first().asString().matches(" +SEQUENCE +OPERATION +SECTOR +SECTORS");
        assertThat(table.lines().skip(1)).allMatch(line -> line.matches(" +[0-9]+  write +[0-9]+ +8"));
        assertThat(table).contains("          64          8\n").doesNotContain("          56          8\n");
        String last = table.lines().skip(16).findFirst().orElseThrow().strip().split(" ")[0];
        assertThat(here("unflushed", "c", "--json").out())
                .contains("{\"sequence\": " + last + ", \"operation\": \"write\", \"sector\": 184, \"sectors\": 8");

        assertThat(here("power-cut", "c", "--keep", "only " + last).status()).isZero();
        assertThat(here("power-on", "c").status()).isZero();
        assertThat(here("unflushed", "c").out()).isEmpty();
        assertThat(shell("dd if=" + device
                                + " bs=4k count=24 iflag=direct status=none | tr '\\0' . | fold -w 4096 | cut -c1"
                                + " | tr -d '\\n'")
                        .out())
                .as("written back, lost, kept")
                .isEqualTo("x".repeat(8) + ".".repeat(15) + "x");
        assertThat(here("del", "c").status()).isZero();

        Ended wrong = here("add", "--size", "64M", "--cache-size", "none");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("none");
        assertThat(here("unflushed", "c").err()).contains("no disk 'c'");
    }

    @Test
    void aPowerCycleLosesWhatIsUnflushedAndGivesThePowerBack() throws Exception {
        Path device =
                Path.of(ublkdisk("add", "--size", "64M", "--name", "p").out().strip());
        try {
            String write = "echo kept | dd of=" + device + " bs=4k conv=sync oflag=direct status=none";
            String read = "dd if=" + device + " bs=4k count=1 iflag=direct status=none | head -c 4 | tr '\\0' .";
            shell(write);
            Ended lost = here("power-cycle", "p");
            assertThat(lost.status()).as(lost.err()).isZero();
            assertThat(lost.out()).contains("1 unflushed changes lost");
            assertThat(shell(read).out()).isEqualTo("....");
            shell(write);
            assertThat(here("power-cycle", "p", "--keep", "all", "--off", "20ms")
                            .status())
                    .isZero();
            assertThat(shell(read).out()).isEqualTo("kept");
            Ended wrong = here("power-cycle", "p", "--off", "20");
            assertThat(wrong.status()).isEqualTo(2);
            assertThat(shell(read).out()).as("a wrong time does nothing").isEqualTo("kept");
            assertThat(here("power-cut", "p").status()).isZero();
            assertThat(here("power-cycle", "p").err()).contains("has no power already");
        } finally {
            assertThat(here("del", "p").status())
                    .as("other tests look for devices that are left")
                    .isZero();
        }
    }

    @Test
    void aMountedDiskIsReportedAndNotDeletedWithoutForce() throws Exception {
        Path device =
                Path.of(ublkdisk("add", "--size", "64M", "--name", "held").out().strip());
        Path where = Files.createTempDirectory("ublkdisk");
        Ended mounted = shell("mkfs.ext4 -q " + device + " && mount " + device + " " + where);
        assertThat(mounted.status()).as(mounted.err()).isZero();
        Ended refused = here("del", "held");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("is mounted on " + where).contains("umount " + where);
        assertThat(device).exists();
        assertThat(here("del", "held", "--force").status()).isZero();
        assertThat(device).doesNotExist();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(device.toString());
    }

    @Test
    void saysWhatThisKernelCan() throws Exception {
        assertThat(ublkdisk("features").out()).contains("CMD_IOCTL_ENCODE\n");
        // From a folder that a stranger may look into, which that of the project need not be.
        Ended nobody = shell("d=$(mktemp -d) && chmod 755 $d && cp " + Ended.PROGRAM + " $d && cd / &&"
                + " env -u JAVA_HOME setpriv --reuid 65534 --regid 65534 --clear-groups $d/ublkdisk add --size 64M");
        assertThat(nobody.status()).as(nobody.err()).isEqualTo(1);
        assertThat(nobody.err()).contains("not root: it runs as uid 65534").contains("vm/run");
    }

    private static void readAll(Path device) throws IOException {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            assertThat(channel.read(buffer, 0)).isEqualTo(1 << 16);
            buffer.clear();
            try {
                channel.read(buffer, 2048 * 512);
            } catch (IOException expected) {
                return;
            }
            throw new AssertionError("the bad sectors were read");
        }
    }

    /** Returns whether the device took it. */
    private static boolean write(Path device) {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[1 << 16]));
            channel.force(true);
            return true;
        } catch (IOException expected) {
            return false;
        }
    }

    private static Ended ublkdisk(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Ended.PROGRAM.toString()));
        command.addAll(List.of(arguments));
        return Ended.of(command);
    }
}
