package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.MappedMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class InboxTest {

    @Test
    void givesBackInTheOrderOfArrival() throws Exception {
        try (Inbox inbox = new Inbox()) {
            assertThat(inbox.takeAll()).isNull();
            List<QueueRequest> pushed = new ArrayList<>();
            for (int tag = 0; tag < 5; tag++) {
                pushed.add(new QueueRequest(null, 0, tag, tag, ByteBuffer.allocate(0)));
                inbox.push(pushed.get(tag));
            }
            assertThat(inbox.fallAsleep()).as("there is something to take").isFalse();
            List<QueueRequest> taken = new ArrayList<>();
            for (QueueRequest request = inbox.takeAll(); request != null; request = request.next) {
                taken.add(request);
            }
            assertThat(taken).isEqualTo(pushed);
            assertThat(inbox.fallAsleep()).isTrue();
        }
    }

    /** A lost wake-up would leave the sleeper in read() for ever. */
    @Test
    @Timeout(60)
    void everyPushToASleeperIsHeard() throws Exception {
        int rounds = 20_000;
        try (Inbox inbox = new Inbox();
                MappedMemory counter = MappedMemory.anonymous(8)) {
            QueueRequest[] requests = new QueueRequest[rounds];
            for (int i = 0; i < rounds; i++) {
                requests[i] = new QueueRequest(null, 0, 0, 0, ByteBuffer.allocate(0));
            }
            Thread[] pushers = new Thread[2];
            for (int p = 0; p < pushers.length; p++) {
                int first = p;
                pushers[p] = new Thread(() -> {
                    for (int i = first; i < rounds; i += 2) {
                        inbox.push(requests[i]);
                    }
                });
                pushers[p].start();
            }
            int taken = 0;
            while (taken < rounds) {
                if (inbox.fallAsleep()) {
                    LinuxCalls.read(inbox.eventFd(), counter.address(), 8);
                }
                inbox.awake();
                for (QueueRequest request = inbox.takeAll(); request != null; request = request.next) {
                    taken++;
                }
            }
            assertThat(taken).isEqualTo(rounds);
        }
    }
}
