package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon on a disk, killed, started again, and gone with its test. */
@Timeout(180)
class DaemonIT {
    /** Says a number when it is durable, begins after the largest that it finds, and listens on a socket. */
    private static final String STORE = """
            use strict; use IO::Handle; use Socket; $| = 1;
            my $n = 0;
            if (open(my $in, '<', 'log')) { while (<$in>) { $n = $1 if /^(\\d+)\\n/ } }
            print "recovered $n\\n";
            socket(my $s, PF_INET, SOCK_STREAM, 0); setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
            bind($s, sockaddr_in(7917, INADDR_LOOPBACK)) or die "bind: $!"; listen($s, 5);
            open(my $out, '>>', 'log') or die "log: $!";
            while (1) { $n++; print $out "$n\\n"; $out->flush; $out->sync or die "sync: $!"; print "stored $n\\n"; select(undef, undef, undef, 0.02) }
            """;

    private static long last(Daemon store, String word) {
        return store.output().stream()
                .filter(line -> line.startsWith(word + " "))
                .mapToLong(line -> Long.parseLong(line.substring(word.length() + 1)))
                .max()
                .orElse(0);
    }

    @Test
    void keepsWhatItForcedThroughAKillAndAPowerCut(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws Exception {
        disk.mountPoint().toFile().setExecutable(true, false);
        Daemon store = Daemon.on(disk, "perl", "-e", STORE)
                .user("nobody")
                .folder("store")
                .readyWhenPortAnswers(7917)
                .start();
        assertThat(Files.getOwner(disk.path("store", "log")).getName()).isEqualTo("nobody");
        while (last(store, "stored") < 5) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        disk.powerOff();
        store.kill();
        long promised = last(store, "stored");
        disk.powerOn();
        store.start();
        while (last(store, "stored") == 0) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(last(store, "recovered")).isGreaterThanOrEqualTo(promised);
        store.stop();
        disk.remount();
    }

    @ParameterizedTest
    @ValueSource(strings = {"leavesItRunning", "leavesItWaitingForTheDisk"})
    void goesWithItsTest(String test) throws IOException {
        Runs.of(selectMethod(DaemonTestCase.class, test, Disk.class)).assertAllPassed(1);
        assertThat(ProcessHandle.of(DaemonTestCase.pid).filter(ProcessHandle::isAlive))
                .isEmpty();
        Leftovers.assertNone();
    }

    @Test
    void itsLastLinesAreInTheReport() throws IOException {
        Runs runs = Runs.of(selectMethod(DaemonTestCase.class, "failsWithItsOutput", Disk.class));
        assertThat(runs.published()).contains("daemon sh (process ", "runs; its last lines:", "the last words");
        Leftovers.assertNone();
    }
}
