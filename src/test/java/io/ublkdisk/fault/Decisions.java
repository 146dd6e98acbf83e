package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Seed;
import io.ublkdisk.media.FaultyMedia;
import io.ublkdisk.script.Script;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a fixed set of random rules decides about a fixed row of requests, boiled down to a number. As a program it prints
 * that number for the seed that it is given, for comparison with another process.
 */
final class Decisions {
    static final String SCRIPT = """
            rule flaky: on read with probability 0.3 fail IO
            rule slow: on read with probability 0.5 delay lognormal p50 2ms p99 80ms
            rule rare: on write,flush with probability 0.1 delay normal 5ms sd 2ms
            rule rot: on read scattered 0.2 runs 4 with probability 0.7 flip 3 bits
            rule ray: on read garbage 8 bytes transient
            """;

    /** From the sectors of one thread to those of the next. */
    static final long APART = 1 << 20;

    private Decisions() {}

    public static void main(String[] args) throws InterruptedException {
        for (long digest : racing(rules(Long.parseLong(args[0])), Integer.parseInt(args[1]))) {
            System.out.println(Long.toHexString(digest));
        }
    }

    /** What so many threads are told that ask the same rules at the same time, each about sectors of its own. */
    static long[] racing(Rules shared, int threads) throws InterruptedException {
        long[] digests = new long[threads];
        CountDownLatch start = new CountDownLatch(1);
        Thread[] all = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            int thread = t;
            all[t] = new Thread(() -> {
                try {
                    start.await();
                    digests[thread] = digest(shared, thread * APART);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            all[t].start();
        }
        start.countDown();
        for (Thread thread : all) {
            thread.join(TimeUnit.SECONDS.toMillis(50));
            if (thread.isAlive()) {
                throw new IllegalStateException("a thread still asks after 50 s");
            }
        }
        return digests;
    }

    static Rules rules(long seed) {
        Rules rules = new Rules(seed);
        rules.addAll(Script.parse(SCRIPT, "decisions").rules());
        return rules;
    }

    /** Asks about 4,000 requests to the 256 sectors from there on, always the same ones in the same order. */
    static long digest(Rules rules, long firstSector) {
        Asked request = Asked.read(0, 8);
        Decision decision = new Decision();
        long digest = 0;
        for (int i = 0; i < 4000; i++) {
            long sector = firstSector + (i * 37L + i / 11) % 249;
            request.again(i % 3 == 0 ? Operation.WRITE : Operation.READ, sector, 1 + i % 8);
            for (int at = 0; at < 4096; at += 8) {
                request.data().putLong(at, 0);
            }
            rules.table().decide(request, decision);
            FaultyMedia.damage(request, decision, null);
            digest = Seed.combine(
                    digest,
                    decision.count()
                            + decision.delayNanos() * 31
                            + decision.status().ordinal() * 17L);
            for (int at = 0; at < 4096; at += 8) {
                digest = digest * 31 + request.data().getLong(at);
            }
        }
        return digest;
    }
}
