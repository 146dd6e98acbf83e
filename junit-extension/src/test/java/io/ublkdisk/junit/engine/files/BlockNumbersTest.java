package io.ublkdisk.junit.engine.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BlockNumbersTest {
    /** {@code /dev/null} has a number as block devices have, and the same one on every Linux. */
    private static final String NULL = "1:3";

    @Test
    void packsNumbersAsStatDoes() throws IOException {
        assumeThat(Path.of("/dev/null")).as("needs Linux").exists();
        assertThat(Files.getAttribute(Path.of("/dev/null"), "unix:rdev")).isEqualTo(BlockNumbers.number(NULL));
        assertThat(BlockNumbers.number("259:1048575")).isEqualTo(0xfff103ffL);
        assertThat(BlockNumbers.number("4097:1")).isEqualTo(0x100000000101L);
    }

    @Test
    void findsADescriptorByTheNumberOfItsDevice() throws IOException {
        assumeThat(Path.of("/proc/self/fd")).as("needs Linux").exists();
        try (var open = Files.newInputStream(Path.of("/dev/null"))) {
            assertThat(open.read()).isNegative();
            try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
                assertThat(descriptors.filter(fd -> BlockNumbers.isOneOf(fd, Set.of(BlockNumbers.number(NULL)))))
                        .isNotEmpty();
            }
        }
    }
}
