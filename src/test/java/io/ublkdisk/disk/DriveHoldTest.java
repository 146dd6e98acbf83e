package io.ublkdisk.disk;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.block.BlockStatus.MEDIUM;
import static io.ublkdisk.block.BlockStatus.OK;
import static io.ublkdisk.disk.DriveTest.sectors;
import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static io.ublkdisk.fault.effect.FailEffect.fail;
import static io.ublkdisk.fault.effect.HoldEffect.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.disk.Host.OneRequest;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that are held, when the rule that holds them changes; and rules that change under traffic. */
class DriveHoldTest {
    private final Drive drive = Drive.builder().sizeBytes(1 << 20).seed(42).build();
    private final Host host = new Host(drive);

    @AfterEach
    void closesWithoutLeaks() {
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    @Test
    void showsWhatARuleHolds() {
        drive.rules().add(Rule.on(Kind.WRITE).effect(hold()).named("w"));
        host.send(Operation.WRITE, Request.FUA, 8, 4);
        assertThat(drive.link().heldBy("w"))
                .singleElement()
                .usingRecursiveComparison()
                .ignoringFields("waiting")
                .isEqualTo(new HeldRequest(Operation.WRITE, Request.FUA, 8, 4 * 512, Duration.ZERO));
        assertThat(drive.link().heldBy("other")).isEmpty();
        drive.link().releaseHeld("w");
        assertThat(drive.link().heldBy("w")).isEmpty();
    }

    @Test
    void aRuleInThePlaceOfAnotherLetsGoWhatThatOneHolds() {
        drive.rules().add(Rule.on(Kind.WRITE).effect(hold()).named("w"));
        OneRequest write = host.send(Operation.WRITE, 0, 0, 1);
        drive.link().replace(Rule.on(Kind.READ).effect(hold()).named("w"));
        OneRequest read = new Host(drive, 1).send(Operation.READ, 0, 0, 1);
        assertThat(write.goOn().status()).isEqualTo(OK);
        assertThat(read.isWaiting()).isFalse();
        assertThat(drive.link().heldBy("w"))
                .singleElement()
                .extracting(HeldRequest::operation)
                .isEqualTo(Operation.READ);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> drive.link()
                        .replace(Rule.on(Kind.READ)
                                .sectors(4096, 4096)
                                .effect(hold())
                                .named("w")))
                .withMessageContaining("4096");
        assertThat(drive.link().heldBy("w")).as("as if nobody had asked").hasSize(1);
    }

    @Test
    void holdsNothingForARuleThatWentWhileTheRequestWasDelayed() {
        drive.rules()
                .add(Rule.on(Kind.WRITE).effect(delay(Duration.ofMillis(1))).named("d"));
        drive.rules().add(Rule.on(Kind.WRITE).effect(hold()).named("h"));
        OneRequest write = host.send(Operation.WRITE, 0, 0, 1);
        drive.rules().remove("h");
        assertThat(drive.link().releaseHeld("h")).isZero();
        assertThat(write.goOn().isWaiting()).as("it goes on").isTrue();
        assertThat(write.goOn().status()).isEqualTo(OK);
    }

    @Test
    void replacesWithoutAGap() throws Exception {
        drive.rules().add(Rule.on(Kind.WRITE).effect(fail(IO)).named("it"));
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Set<BlockStatus>> seen = CompletableFuture.supplyAsync(() -> {
            Set<BlockStatus> statuses = EnumSet.noneOf(BlockStatus.class);
            for (int i = 0; i < 5000 || !done.get(); i++) {
                statuses.add(host.write(0, sectors(1, 1)));
            }
            return statuses;
        });
        for (int i = 0; i < 5000; i++) {
            drive.link()
                    .replace(Rule.on(Kind.WRITE)
                            .effect(fail(i % 2 == 0 ? MEDIUM : IO))
                            .named("it"));
        }
        done.set(true);
        assertThat(seen.get(60, TimeUnit.SECONDS)).contains(IO).isSubsetOf(IO, MEDIUM);
    }
}
