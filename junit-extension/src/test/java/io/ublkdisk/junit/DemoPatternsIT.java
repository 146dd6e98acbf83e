package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/** The demo's property: jqwik makes up where to write, and MD5 says whether it came back. */
@Tag("demo")
class DemoPatternsIT {
    private static final int SIZE = 1 << 20;

    @Property(tries = 5, shrinking = ShrinkingMode.OFF)
    void scatteredWritesComeBack(
            @ForAll("writes") List<PatternStep> writes, @UblkDisk(size = "32MiB", mount = EXT4) Disk disk)
            throws IOException {
        byte[] model = new byte[SIZE];
        try (FileChannel file =
                FileChannel.open(disk.path("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (PatternStep step : writes) {
                step.applyTo(model);
                file.write(ByteBuffer.wrap(step.data()), step.offset());
            }
            if (file.size() < SIZE) {
                file.write(ByteBuffer.wrap(new byte[] {model[SIZE - 1]}), SIZE - 1);
            }
        }
        disk.remount();
        String found = Bytes.md5(disk.path("file"));
        System.out.printf(
                "   jqwik: %d writes at random places of a file on ext4, overlapping; unmounted, mounted, MD5 %s: %s%n",
                writes.size(), found, found.equals(Bytes.md5(model)) ? "as written" : "NOT as written");
        assertThat(found).isEqualTo(Bytes.md5(model));
    }

    @Provide
    Arbitrary<List<PatternStep>> writes() {
        return PatternStep.ofBytes(SIZE, PatternStep.Kind.WRITE_BUFFERED)
                .list()
                .ofMinSize(3)
                .ofMaxSize(20);
    }
}
