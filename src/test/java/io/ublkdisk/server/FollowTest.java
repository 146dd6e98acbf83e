package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.control.DiskInfo;
import io.ublkdisk.control.FaultEvent;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.JournalFollower;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.protocol.LineBuffer;
import io.ublkdisk.protocol.Version;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.server.session.ClientSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Faults on their way from a journal to a listener in another process, over a real socket and without a disk. */
@Timeout(60)
class FollowTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final Journal journal = new Journal(16, Clock::nanos);
    private final AtomicInteger streaming = new AtomicInteger();
    private ServerSocketChannel socket;
    private ServerConnection connection;
    private RemoteDisk disk;

    @BeforeEach
    void serve() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
        socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        socket.bind(address);
        start(this::accept);
        connection = ServerConnection.open(address.getPath());
        disk = connection.disk(new DiskInfo(
                0, 1, "d", Path.of("/dev/ublkb0"), 1 << 20, 1, 1, 512, FileSystem.NONE, 1, 1, Optional.empty()));
    }

    @AfterEach
    void hangUp() throws IOException {
        journal.close();
        connection.close();
        socket.close();
    }

    @Test
    void aListenerHearsEveryFaultAfterTheCallInOrder() throws Exception {
        fault(0, "too early");
        List<FaultEvent> heard = new CopyOnWriteArrayList<>();
        JournalFollower follower = disk.onFault(heard::add);
        try (follower) {
            for (int i = 1; i <= 2000; i++) {
                fault(i, "change " + i);
            }
            assertThat(TimeLimitedTask.until(PATIENCE, () -> heard.size() >= 2000))
                    .isTrue();
        }
        assertThat(heard)
                .extracting(FaultEvent::sector)
                .isEqualTo(
                        IntStream.rangeClosed(1, 2000).mapToObj(Long::valueOf).toList());
        FaultEvent last = heard.get(1999);
        assertThat(last)
                .isEqualTo(new FaultEvent(
                        "bad",
                        2000,
                        Operation.READ,
                        Request.META,
                        2000,
                        4096,
                        BlockStatus.MEDIUM,
                        "change 2000",
                        last.time(),
                        0));
        assertThat(last.metadata()).isTrue();
        assertThat(last.fua()).isFalse();
    }

    @Test
    void theServerLearnsThatTheListenerHasGoneThoughItHasNothingToSay() throws Exception {
        JournalFollower follower = disk.onFault(event -> {});
        assertThat(TimeLimitedTask.until(PATIENCE, () -> streaming.get() == 1)).isTrue();
        follower.close();
        assertThat(TimeLimitedTask.until(PATIENCE, () -> streaming.get() == 0)).isTrue();
    }

    @Test
    void aListenerThatIsStuckHoldsUpNobodyAndLearnsWhatItLost() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        List<FaultEvent> heard = new CopyOnWriteArrayList<>();
        int faults = 100_000;
        JournalFollower follower = disk.onFault(event -> {
            await(stuck);
            heard.add(event);
        });
        try (follower) {
            for (int i = 1; i <= faults; i++) {
                fault(i, "change");
            }
            assertThat(heard).as("all is done while the listener hangs").isEmpty();
            stuck.countDown();
            assertThat(TimeLimitedTask.until(
                            PATIENCE,
                            () -> !heard.isEmpty()
                                    && heard.get(heard.size() - 1).sector() == faults))
                    .isTrue();
        }
        long lost = heard.stream().mapToLong(FaultEvent::lostBefore).sum();
        assertThat(lost).isPositive();
        assertThat(heard.size()).isGreaterThanOrEqualTo(Journal.EVENTS);
        assertThat(heard.size() + lost).isEqualTo(faults);
    }

    @Test
    void theEndOfTheDiskIsTheEnd() throws Exception {
        JournalFollower follower = disk.onFault(event -> {});
        assertThat(TimeLimitedTask.until(PATIENCE, () -> streaming.get() == 1)).isTrue();
        journal.close();
        follower.awaitEnd();
        follower.close();
        assertThat(TimeLimitedTask.until(PATIENCE, () -> streaming.get() == 0)).isTrue();
    }

    @Test
    void aListenerMayCloseItself() throws Exception {
        List<FaultEvent> heard = new CopyOnWriteArrayList<>();
        JournalFollower[] self = new JournalFollower[1];
        CountDownLatch known = new CountDownLatch(1);
        self[0] = disk.onFault(event -> {
            await(known);
            heard.add(event);
            self[0].close();
        });
        known.countDown();
        fault(1, "first");
        fault(2, "second");
        self[0].awaitEnd();
        assertThat(heard).extracting(FaultEvent::sector).containsExactly(1L);
    }

    private void fault(int number, String change) {
        journal.fault(
                Asked.request(Operation.READ, Request.META, number, 8), number, "bad", BlockStatus.MEDIUM, change);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = socket.accept();
                start(() -> converse(channel));
            }
        } catch (ClosedChannelException theEnd) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a server that knows two words. */
    private void converse(SocketChannel channel) {
        try (channel) {
            LineBuffer lines = new LineBuffer();
            ByteBuffer in = ByteBuffer.allocate(4096);
            while (channel.read(in.clear()) >= 0) {
                LineBuffer.Frame frame = lines.next(in.flip());
                if (frame.text().startsWith("follow")) {
                    assertThat(frame.text()).isEqualTo("follow d#1 events");
                    streaming.incrementAndGet();
                    try {
                        new ClientSession(channel, null, null).stream(journal.readNew(false));
                    } finally {
                        streaming.decrementAndGet();
                    }
                }
                boolean hello = frame.text().startsWith("hello");
                String greeting = " ublkdisk " + Version.PROTOCOL + " pid=1";
                channel.write(StandardCharsets.UTF_8.encode("ok" + (hello ? greeting : "") + "\n"));
            }
        } catch (IOException theClientIsGone) {
            return;
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }
}
