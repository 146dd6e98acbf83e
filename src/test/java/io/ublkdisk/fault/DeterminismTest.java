package io.ublkdisk.fault;

import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.Operation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same seed and the same requests: the same decisions, the same bytes, whoever else is asking. */
class DeterminismTest {

    @Test
    void sameSeedSameDecisionsAndAnotherSeedOthers() {
        long digest = Decisions.digest(Decisions.rules(42), 0);
        assertThat(Decisions.digest(Decisions.rules(42), 0)).isEqualTo(digest);
        assertThat(Decisions.digest(Decisions.rules(43), 0)).isNotEqualTo(digest);
    }

    /**
     * What a seed means is kept from version to version: a seed in a bug report must go on working. It has changed once: a byte
     * of garbage that would have been what it was already is another one since.
     */
    @Test
    void decisionsAreThoseOfTheFirstVersion() {
        assertThat(Long.toHexString(Decisions.digest(Decisions.rules(42), 0))).isEqualTo("11239b5e9c3743e0");
    }

    @Test
    @Timeout(60)
    void sameInAFreshProcess() throws Exception {
        assertThat(inAFreshProcess(1)).containsExactly(Decisions.digest(Decisions.rules(42), 0));
    }

    /** Eight threads on sectors of their own; with one shared generator each would see what the others left. */
    @Test
    @Timeout(60)
    void sameWithEightThreadsRacingOnOtherSectors() throws InterruptedException {
        assertThat(Decisions.racing(Decisions.rules(42), 8)).containsExactly(alone(8));
    }

    @Test
    @Timeout(60)
    void sameWithEightThreadsRacingInAFreshProcess() throws Exception {
        assertThat(inAFreshProcess(8)).containsExactly(alone(8));
    }

    private static long[] alone(int threads) {
        return LongStream.range(0, threads)
                .map(thread -> Decisions.digest(Decisions.rules(42), thread * Decisions.APART))
                .toArray();
    }

    private static long[] inAFreshProcess(int threads) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Decisions.class.getName(),
                        "42",
                        "" + threads)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return printed.lines()
                .mapToLong(line -> Long.parseUnsignedLong(line.strip(), 16))
                .toArray();
    }

    @Test
    @Timeout(60)
    void countersAreExactUnderEightThreads() throws InterruptedException {
        int requests = 20_000;
        Rules rules = new Rules(1);
        rules.add(Rule.on(Kind.READ)
                .nth(777)
                .effect(delay(java.time.Duration.ofNanos(1)))
                .named("once"));
        rules.add(Rule.on(Kind.READ)
                .times(1000)
                .effect(delay(java.time.Duration.ofNanos(1)))
                .named("some"));
        rules.add(Rule.on(Kind.READ)
                .every(10)
                .effect(delay(java.time.Duration.ofNanos(1)))
                .named("tenth"));
        CountDownLatch start = new CountDownLatch(1);
        run(
                8,
                t -> {
                    start.await();
                    Asked request = Asked.read(0, 8);
                    Decision decision = new Decision();
                    for (int i = 0; i < requests; i++) {
                        rules.table().decide(request.again(Operation.READ, t * 8L, 8), decision);
                    }
                },
                start);
        assertThat(rules.reports()).extracting(RuleReport::matched).containsOnly(8L * requests);
        assertThat(rules.reports()).extracting(RuleReport::fired).containsExactly(1L, 1000L, 8L * requests / 10);
    }

    private interface Work {
        void run(int thread) throws InterruptedException;
    }

    private static void run(int count, Work work, CountDownLatch start) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> thrown = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int thread = i;
            threads.add(new Thread(() -> {
                try {
                    work.run(thread);
                } catch (Throwable e) {
                    synchronized (thrown) {
                        thrown.add(e);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        start.countDown();
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(50));
            assertThat(thread.isAlive()).isFalse();
        }
        assertThat(thrown).isEmpty();
    }
}
