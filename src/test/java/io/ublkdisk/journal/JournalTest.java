package io.ublkdisk.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Asked;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JournalTest {
    private final AtomicLong now = new AtomicLong(1_000);
    private final Journal journal = new Journal(8, now::get);

    @Test
    void keepsTheLastRequestsAndApartFromThemTheEvents() throws InterruptedException {
        journal.fault(write(7), 1, "bad", BlockStatus.MEDIUM, "fails with MEDIUM");
        for (int i = 1; i <= 20; i++) {
            end(i, write(i));
        }
        journal.event(Entry.Kind.MARK, "loaded");

        List<Entry> all = journal.readAll(true).next(Duration.ZERO);
        assertThat(all).extracting(Entry::sequence).containsExactly(1L, 14L, 15L, 16L, 17L, 18L, 19L, 20L, 21L, 22L);
        assertThat(all.get(0).rule()).isEqualTo("bad");
        assertThat(all.get(0).text()).isEqualTo("fails with MEDIUM");
        assertThat(all.get(0).sector()).isEqualTo(7);
        assertThat(all.get(1).request()).isEqualTo(13);
        assertThat(all.get(9).text()).isEqualTo("loaded");
        assertThat(journal.readAll(false).next(Duration.ZERO))
                .extracting(Entry::kind)
                .containsExactly(Entry.Kind.FAULT, Entry.Kind.MARK);
    }

    @Test
    void saysWhenAndHowLongFromItsBeginning() throws InterruptedException {
        Request write = write(3);
        long arrived = now.addAndGet(500);
        now.addAndGet(70);
        journal.ended(write, journal.arrived(), arrived, BlockStatus.IO, 4, "bad");
        Entry entry = journal.readAll(true).next(Duration.ZERO).get(0);
        assertThat(entry)
                .isEqualTo(new Entry(
                        1,
                        500,
                        Entry.Kind.REQUEST,
                        1,
                        Operation.WRITE,
                        Request.FUA,
                        3,
                        8,
                        BlockStatus.IO,
                        70,
                        4,
                        "bad",
                        ""));
    }

    @Test
    void aSlotThatIsUsedAgainHasNothingOfTheRecordBefore() throws InterruptedException {
        for (int i = 0; i < Journal.EVENTS; i++) {
            journal.fault(write(7), 1, "bad", BlockStatus.MEDIUM, "fails");
        }
        journal.event(Entry.Kind.MARK, "clean");
        List<Entry> rest = new ArrayList<>();
        Journal.Reader reader = journal.readAll(false);
        for (List<Entry> some = reader.next(Duration.ZERO); !some.isEmpty(); some = reader.next(Duration.ZERO)) {
            rest.addAll(some);
        }
        assertThat(rest).hasSize(Journal.EVENTS);
        assertThat(rest.get(rest.size() - 1))
                .isEqualTo(new Entry(
                        Journal.EVENTS + 1, 0, Entry.Kind.MARK, 0, null, 0, 0, 0, BlockStatus.OK, 0, 0, "", "clean"));
    }

    @Test
    void aReaderThatIsTooSlowLosesTheOldestAndKnowsHowMany() throws InterruptedException {
        Journal.Reader reader = journal.readNew(true);
        for (int i = 1; i <= 8; i++) {
            end(i, write(i));
        }
        assertThat(reader.next(Duration.ZERO)).hasSize(8);
        assertThat(reader.lost()).as("up to the bound nothing").isZero();
        for (int i = 9; i <= 19; i++) {
            end(i, write(i));
        }
        assertThat(reader.next(Duration.ZERO))
                .extracting(Entry::request)
                .startsWith(12L)
                .hasSize(8);
        assertThat(reader.lost()).isEqualTo(3);
        assertThat(reader.lost()).as("told once").isZero();
    }

    @Test
    void cutsAVeryLongTextOff() throws InterruptedException {
        journal.event(Entry.Kind.MARK, "x".repeat(100_000));
        assertThat(journal.readAll(false).next(Duration.ZERO).get(0).text())
                .hasSize(500)
                .endsWith("x…");
    }

    @Test
    void aReaderWaitsForWhatComesAndLearnsOfTheEnd() throws Exception {
        Journal real = new Journal(8, System::nanoTime);
        Journal.Reader reader = real.readNew(true);
        CompletableFuture<List<Entry>> first = waiting(reader);
        real.event(Entry.Kind.MARK, "now");
        assertThat(first.get(10, TimeUnit.SECONDS)).extracting(Entry::text).containsExactly("now");
        assertThat(reader.isAtEnd()).isFalse();
        CompletableFuture<List<Entry>> last = waiting(reader);
        real.close();
        assertThat(last.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(reader.isAtEnd()).isTrue();
    }

    @Test
    void severalThreadsLeaveEveryRecordWhole() throws Exception {
        Journal real = new Journal(100_000, System::nanoTime);
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int sector = t;
            Request request = write(sector);
            threads.add(CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 5_000; i++) {
                    real.ended(request, real.arrived(), 0, BlockStatus.OK, sector, Integer.toString(sector));
                }
            }));
        }
        for (CompletableFuture<Void> thread : threads) {
            thread.get(30, TimeUnit.SECONDS);
        }
        List<Entry> all = new ArrayList<>();
        Journal.Reader reader = real.readAll(true);
        for (List<Entry> some = next(reader); !some.isEmpty(); some = reader.next(Duration.ZERO)) {
            all.addAll(some);
        }
        assertThat(all).allMatch(e -> e.epoch() == e.sector() && e.rule().equals(Long.toString(e.sector())));
        assertThat(all)
                .extracting(Entry::sequence)
                .isEqualTo(LongStream.rangeClosed(1, 40_000).boxed().toList());
        assertThat(all.stream().map(Entry::request).distinct()).hasSize(40_000);
    }

    @Test
    void allocatesNothingForARequestWhenItIsFull() {
        Request request = write(1);
        for (int i = 0; i < 20_000; i++) {
            end(i, request);
        }
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100_000; i++) {
            end(i, request);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
    }

    /** Returns when it waits. */
    private static CompletableFuture<List<Entry>> waiting(Journal.Reader reader) {
        CompletableFuture<List<Entry>> found = new CompletableFuture<>();
        Thread thread = new Thread(() -> found.complete(next(reader)));
        thread.setDaemon(true);
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return found;
    }

    private static List<Entry> next(Journal.Reader reader) {
        try {
            return reader.next(Duration.ofSeconds(50));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void end(long number, Request request) {
        journal.ended(request, number, now.get(), BlockStatus.OK, 0, "");
    }

    private static Request write(long sector) {
        return Asked.request(Operation.WRITE, Request.FUA, sector, 8);
    }
}
