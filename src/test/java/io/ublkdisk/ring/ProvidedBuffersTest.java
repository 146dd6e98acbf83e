package io.ublkdisk.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ublkdisk.kernel.Cqe;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.Sqe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of a file, in pieces of 16 bytes that each begin with their number, into buffers that this machine's kernel chooses. */
class ProvidedBuffersTest {
    private static final int PIECE = 16;
    private static final int PIECES = 64;
    private static final int BUFFERS = 4;
    private static final int GROUP = 3;

    @TempDir
    Path folder;

    private IoUring ring;
    private ProvidedBuffers buffers;
    private int fd;

    private long number;
    private Errno error;

    @BeforeEach
    void openAll() throws Exception {
        try {
            ring = IoUring.forQueue(1);
            buffers = new ProvidedBuffers(ring, GROUP, BUFFERS, PIECE);
        } catch (ErrnoException e) {
            boolean lacking = e.errno() == Errno.ENOSYS || e.errno() == Errno.EPERM || e.errno() == Errno.EINVAL;
            assumeTrue(!lacking, "no io_uring with provided buffers here (Linux 5.19): " + e.getMessage());
            throw e;
        } catch (UnsatisfiedLinkError e) {
            assumeTrue(false, "no Linux: " + e.getMessage());
        }
        ByteBuffer content = ByteBuffer.allocate(PIECES * PIECE).order(ByteOrder.nativeOrder());
        for (int piece = 0; piece < PIECES; piece++) {
            content.putLong(piece * PIECE, piece);
        }
        Path file = Files.write(folder.resolve("pieces"), content.array());
        fd = Errno.check(LinuxCalls.open(file.toString(), LinuxCalls.O_RDONLY), "open");
    }

    @AfterEach
    void closeAll() {
        if (buffers != null) {
            ring.close();
            buffers.close();
            LinuxCalls.close(fd);
        }
    }

    /** More often than the tail of their ring has numbers: it wraps at 65536. */
    @Test
    void buffersThatAreGivenBackAreTakenAgainForEver() {
        for (int i = 0; i < 66_000; i++) {
            read(i % PIECES, true);
            assertThat(error).as("read %d", i).isNull();
            assertThat(number).as("read %d", i).isEqualTo(i % PIECES);
        }
    }

    @Test
    void buffersThatAreKeptRunOut() {
        for (int i = 0; i < BUFFERS; i++) {
            read(i, false);
            assertThat(number).isEqualTo(i);
        }
        read(0, false);
        assertThat(error).isEqualTo(Errno.ENOBUFS);
        buffers.giveBack(2);
        read(7, false);
        assertThat(number).isEqualTo(7);
    }

    private void read(int piece, boolean giveBack) {
        number = -1;
        error = null;
        new Sqe()
                .wrap(ring.submissions().sqes(), 0)
                .clear()
                .opcode(Sqe.IORING_OP_READ)
                .flags(Sqe.IOSQE_BUFFER_SELECT)
                .fd(fd)
                .off((long) piece * PIECE)
                .len(PIECE)
                .bufIndex(GROUP);
        ring.submissions().queue(0);
        ring.enter(1, 10_000_000_000L);
        ring.completions().drain((userData, result, flags) -> {
            if (result < 0) {
                error = Errno.of(result);
                return;
            }
            assertThat(result).isEqualTo(PIECE);
            assertThat(flags & Cqe.IORING_CQE_F_BUFFER).isNotZero();
            int id = flags >>> Cqe.IORING_CQE_BUFFER_SHIFT;
            number = buffers.bytes().getLong(buffers.offset(id));
            if (giveBack) {
                buffers.giveBack(id);
            }
        });
    }
}
