package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.ublk.DirectDisk;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each way to say which requests a rule is about, on a real device past the page cache: a row of requests, and which of them the
 * rule hits. A request is a letter and the page that it is about: {@code r}ead, {@code w}rite, {@code d}iscard, write-{@code
 * z}eroes, d{@code u}rable write (FUA), {@code f}lush; a capital reads or writes two pages; {@code t} takes more than three seconds. What
 * is hit is {@code x}.
 */
@Timeout(120)
class TriggersIT {
    private static final int PAGE = 4096;
    private static final int O_DSYNC = 0x1000;
    private static RemoteDisk disk;
    private static DirectDisk plain;
    private static DirectDisk durable;

    @BeforeAll
    static void start() throws Exception {
        disk = ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder().size("1MiB").seed(1).build());
        plain = new DirectDisk(disk.device(), LinuxCalls.O_RDWR);
        durable = new DirectDisk(disk.device(), LinuxCalls.O_RDWR | O_DSYNC);
    }

    @AfterAll
    static void nothingIsLeft() throws DiskException {
        plain.close();
        durable.close();
        assertThat(disk.delete()).isEmpty();
        assertThat(Left.after(Duration.ofSeconds(5))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            on read fail IO                           | r0 w0 d0 z0 f r1          | x....x
            on write fail IO                          | r0 w0 d0 z0 w1            | .x..x
            on discard fail IO                        | r0 w0 d0 z0 d1            | ..x.x
            on write-zeroes fail IO                   | r0 w0 d0 z0 z1            | ...xx
            on flush fail IO                          | w0 f r0 f                 | .x.x
            on fua fail IO                            | w0 u0 r0 u1               | .x.x
            on read,discard fail IO                   | r0 w0 d0 z0               | x.x.
            on any fail IO                            | r0 w0 d0 z0 f             | xxxxx
            on write not fua fail IO                  | w0 u0 w1                  | x.x
            on read sectors 8..15 fail IO             | r0 r1 r2 R0               | .x.x
            on read sectors 0..7,16+8 fail IO         | r0 r1 r2 r3               | x.x.
            on read sectors 16.. fail IO              | r0 r1 r2 r9               | ..xx
            on read bytes 4KiB+4KiB fail IO           | r0 r1 r2                  | .x.
            on read not sectors 8..15 fail IO         | r0 r1 r2                  | x.x
            on read size 8KiB.. fail IO               | r0 R0 r1 R1               | .x.x
            on read not size 4KiB fail IO             | r0 R0                     | .x
            on read nth 2 fail IO                     | r0 r0 w0 r0               | .x..
            on read nth 2..3 fail IO                  | r0 r0 r0 r0               | .xx.
            on read every 2 fail IO                   | r0 r0 w0 r0 r0            | .x..x
            on read times 2 fail IO                   | r0 r0 r0 r0               | xx..
            on read after 2 requests fail IO          | r0 r0 r0 r0               | ..xx
            on read after 8KiB fail IO                | r0 r0 r0 r0               | ..xx
            on read after 3s fail IO                  | r0 t r0                   | .x
            on read after 1 requests times 1 fail IO  | r0 r0 r0                  | .x.
            on write sequence wwxwX fail IO           | w0 w0 w0 w0 w0 w0         | ..x.xx
            on write sequence xw fail IO              | w0 w0 w0                  | x..
            on write containing "page 3" fail IO      | w1 w3 w4 w3               | .x.x
            on write not containing 0x706167652033 fail IO | w1 w3                | x.
            on read sectors 8..15 fail IO until rewritten | r1 r1 w1 r1 r0        | xx...
            on read fail IO for 3s                    | r0 r0 t r0                | xx.
            on read with probability 0 fail IO        | r0 r1 r2                  | ...
            on read with probability 1 fail IO        | r0 r1 r2                  | xxx
            on read with probability 0.5 times 1 fail IO | r0 r0 r0 r0 r0 r0 r0 r0 r0 r0 | *
            on read scattered 1 fail IO               | r0 r1                     | xx
            """)
    void hits(String rule, String requests, String hit) throws Exception {
        disk.rules().clear();
        disk.rules().add("rule it: " + rule);
        String was = run(requests);
        if (hit.equals("*")) {
            assertThat(was.replace(".", "")).isEqualTo("x");
        } else {
            assertThat(was).isEqualTo(hit);
        }
        long fired = was.chars().filter(c -> c == 'x').count();
        assertThat(disk.rules().reports().get(0).fired()).isEqualTo(fired);
        disk.rules().clear();
        assertThat(run(requests)).as("disarmed").matches("[.]+");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rule it: on flush note         | on write since it nth 2 fail IO | w0 w0 f w0 w0 w0 f w0 w0 | ....x...x
            rule it: on flush nth 1 note   | on write while it fail IO       | w0 f w0 w0               | ..xx
            rule it: on flush note for 3s | on write while it fail IO     | w0 f w0 t w0             | ..x.
            rule it: on read note          | on write not while it fail IO   | w0 r0 w0                 | x..
            """)
    void hitsByWhatAnotherRuleHasSeen(String first, String second, String requests, String hit) throws Exception {
        disk.rules().clear();
        disk.rules().addScript(first + "\n" + second);
        assertThat(run(requests)).isEqualTo(hit);
        disk.rules().clear();
        assertThat(run(requests)).as("disarmed").matches("[.]+");
    }

    /** The same seed, the same sectors; another seed, others. */
    @ParameterizedTest
    @CsvSource({"with probability 0.5", "scattered 0.06"})
    void hitsTheSameByChance(String chance) throws Exception {
        StringBuilder all = new StringBuilder();
        for (int page = 0; page < 64; page++) {
            all.append(" r").append(page);
        }
        String[] hits = new String[2];
        for (int i = 0; i < hits.length; i++) {
            disk.rules().clear();
            disk.rules().add("rule it: on read " + chance + " fail IO");
            hits[i] = run(all.toString().strip());
        }
        assertThat(hits[1]).isEqualTo(hits[0]);
        assertThat(hits[0].chars().filter(c -> c == 'x').count()).isBetween(10L, 54L);
        disk.rules().clear();
        disk.rules().add("rule another: on read " + chance + " fail IO");
        assertThat(run(all.toString().strip())).isNotEqualTo(hits[0]);
        disk.rules().clear();
    }

    private static String run(String requests) throws Exception {
        StringBuilder hit = new StringBuilder();
        for (String request : requests.split(" ")) {
            char what = request.charAt(0);
            int page = request.length() == 1 ? 0 : Integer.parseInt(request.substring(1));
            if (what == 't') {
                TimeUnit.MILLISECONDS.sleep(3_300);
            } else {
                hit.append(goesWell(what, page) ? '.' : 'x');
            }
        }
        return hit.toString();
    }

    private static boolean goesWell(char what, int page) {
        long offset = (long) page * PAGE;
        byte[] content = ("page " + page + ".").getBytes();
        plain.buffer().put(0, content);
        durable.buffer().put(0, content);
        return switch (what) {
            case 'r' -> plain.read(offset, PAGE) == PAGE;
            case 'R' -> plain.read(offset, 2 * PAGE) == 2 * PAGE;
            case 'w' -> plain.write(offset, PAGE) == PAGE;
            case 'W' -> plain.write(offset, 2 * PAGE) == 2 * PAGE;
            case 'u' -> durable.write(offset, PAGE) == PAGE;
            case 'd' -> plain.discard(offset, PAGE) == 0;
            case 'z' -> plain.zeroOut(offset, PAGE) == 0;
            case 'f' -> plain.sync() == 0;
            default -> throw new IllegalArgumentException("no such request: " + what);
        };
    }
}
