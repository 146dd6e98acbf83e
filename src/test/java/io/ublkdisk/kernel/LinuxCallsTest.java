package io.ublkdisk.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class LinuxCallsTest {

    @Test
    void answersWithTheNegativeErrno() {
        assertThat(Errno.of(LinuxCalls.open("/there/is/no/such/file", LinuxCalls.O_RDWR)))
                .isEqualTo(Errno.ENOENT);
        assertThat(Errno.of(LinuxCalls.close(-1))).isEqualTo(Errno.EBADF);
        assertThat(Errno.of((int) LinuxCalls.mmap(4096, 0, LinuxCalls.MAP_SHARED, -1, 0)))
                .isEqualTo(Errno.EBADF);
    }

    @Test
    void namesErrorsByNumber() {
        assertThat(Errno.of(-5)).isEqualTo(Errno.EIO);
        assertThat(Errno.of(121)).isEqualTo(Errno.EREMOTEIO);
        assertThat(Errno.of(-9999)).isEqualTo(Errno.UNKNOWN);
        assertThatThrownBy(() -> Errno.check(-28, "write of 4096 bytes"))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC))
                .hasMessage("write of 4096 bytes: ENOSPC (No space left on device)");
    }

    @Test
    void memoryIsSharedWithTheKernelThroughItsAddress() throws Exception {
        try (MappedMemory memory = MappedMemory.anonymous(4096)) {
            memory.buffer().putLong(0, 3);
            int fd = Errno.check(LinuxCalls.eventfd(0, LinuxCalls.EFD_CLOEXEC), "eventfd");
            assertThat(LinuxCalls.write(fd, memory.address(), 8)).isEqualTo(8);
            assertThat(LinuxCalls.read(fd, memory.address() + 8, 8)).isEqualTo(8);
            LinuxCalls.close(fd);
            assertThat(memory.buffer().getLong(8)).isEqualTo(3);
        }
    }

    @Test
    void closedMemoryIsGoneAndSaysSo() throws Exception {
        MappedMemory memory = MappedMemory.anonymous(1 << 20);
        assertThat(isMapped(memory.address())).isTrue();
        memory.close();
        memory.close();
        assertThat(isMapped(memory.address())).isFalse();
        assertThatThrownBy(memory::buffer).hasMessageContaining("unmapped");
    }

    @Test
    void memoryStaysAsLongAsAViewOfItCanBeReached() throws Exception {
        MappedMemory memory = MappedMemory.anonymous(1 << 20);
        ByteBuffer view = memory.buffer().slice(4096, 4096).duplicate();
        memory.closeWhenUnreachable();
        System.gc();
        System.gc();
        view.putLong(0, 42);
        assertThat(view.getLong(0)).isEqualTo(42);
        assertThat(isMapped(memory.address())).isTrue();
        view = null;
        for (int i = 0; i < 100 && isMapped(memory.address()); i++) {
            System.gc();
            LockSupport.parkNanos(20_000_000);
        }
        assertThat(isMapped(memory.address())).isFalse();
    }

    private static boolean isMapped(long address) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] range = line.substring(0, line.indexOf(' ')).split("-");
            if (Long.parseUnsignedLong(range[0], 16) <= address && address < Long.parseUnsignedLong(range[1], 16)) {
                return true;
            }
        }
        return false;
    }
}
