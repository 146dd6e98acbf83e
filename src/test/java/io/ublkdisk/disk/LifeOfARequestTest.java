package io.ublkdisk.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.FaultListener;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.script.Script;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Looks at the call stack where a fault is carried out: the request has passed each room once, in order. */
class LifeOfARequestTest {
    private static final String ROOT = "io.ublkdisk.";

    private final List<String> rooms = new ArrayList<>();
    private final List<String> classes = new ArrayList<>();

    private final FaultListener look = new FaultListener() {
        @Override
        public void fired(Rule rule, Request request) {}

        @Override
        public void applied(Request request, long number, Rule rule, BlockStatus status, String change) {
            List<Class<?>> frames = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                    .walk(stack -> stack.<Class<?>>map(StackWalker.StackFrame::getDeclaringClass)
                            .toList());
            for (Class<?> frame : reversed(frames)) {
                if (frame.getName().startsWith(ROOT) && !isTest(frame)) {
                    add(rooms, frame.getPackageName().substring(ROOT.length()));
                    add(classes, frame.getSimpleName());
                }
            }
        }
    };

    private static boolean isTest(Class<?> type) {
        return Stream.of(LifeOfARequestTest.class, Host.class)
                .anyMatch(test -> type.getName().startsWith(test.getName()));
    }

    private static List<Class<?>> reversed(List<Class<?>> frames) {
        List<Class<?>> reversed = new ArrayList<>(frames);
        Collections.reverse(reversed);
        return reversed;
    }

    private static void add(List<String> names, String name) {
        if (names.isEmpty() || !names.get(names.size() - 1).equals(name)) {
            names.add(name);
        }
    }

    private void send(String rule, Operation operation) {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).build()) {
            drive.rules().addAll(List.of(Script.parseRule(rule)));
            drive.listen(null, look);
            new Host(drive).send(operation, 0, 0, operation == Operation.FLUSH ? 0 : 8);
        }
    }

    @Test
    void theWalkOfAFlippedBit() {
        send("on read flip 1 bit", Operation.READ);

        assertThat(rooms).containsExactly("disk", "link", "cache", "media");
        assertThat(classes)
                .as("as docs/explanation/life-of-a-request.md has it")
                .containsExactly("Drive", "Link", "WriteCache", "FaultyRequests", "FaultyMedia");
    }

    @ParameterizedTest
    @CsvSource({
        "on read delay 1us,      READ,  disk link",
        "on write hold,          WRITE, disk link",
        "on read fail IO,        READ,  disk link",
        "on flush lie,           FLUSH, disk link cache",
        "on write flip 1 bit,    WRITE, disk link cache media",
        "on write lose,          WRITE, disk link cache media",
        "on read misdirect by 8, READ,  disk link cache media"
    })
    void eachFaultIsCarriedOutInItsPart(String rule, Operation operation, String expected) {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).build()) {
            Host host = new Host(drive);
            host.write(0, filled(1));
            host.write(8, filled(2));
            drive.rules().addAll(List.of(Script.parseRule(rule)));
            drive.listen(null, look);
            host.send(operation, 0, 0, operation == Operation.FLUSH ? 0 : 8);
            drive.link().endHolds();
        }
        assertThat(String.join(" ", rooms)).isEqualTo(expected);
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[4096];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
