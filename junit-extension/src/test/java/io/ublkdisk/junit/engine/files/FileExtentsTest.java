package io.ublkdisk.junit.engine.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.junit.FilePart;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What filefrag says of files of every kind is understood, or refused with file, byte and remedy. */
class FileExtentsTest {
    private static final Path FILE = Path.of("/mnt/file");
    /** A hole at sectors 16 to 23, then an extent in two pieces. */
    private static final String THREE_EXTENTS = """
            Filesystem type is: ef53
            File size of /mnt/file is 20000 (40 blocks of 512 bytes)
             ext:     logical_offset:        physical_offset: length:   expected: flags:
               0:        0..      15:      69632..     69647:     16:
               1:       24..      31:      70000..     70007:      8:      69656:
               2:       32..      39:      71000..     71007:      8:      70008: last,eof
            /mnt/file: 3 extents found
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0     | 511   | 69632
            511   | 512   | 69632..69633
            512   | 8191  | 69633..69647
            12288 | 19999 | 70000..70007,71000..71007
            16384 | 9223372036854775807 | 71000..71007
            """)
    void turnsBytesIntoSectors(long first, long last, String sectors) {
        assertThat(extents(first, last).sectorsIn(THREE_EXTENTS, 20000)).hasToString(sectors);
    }

    @ParameterizedTest
    @CsvSource({"0,9000,8192", "8192,8192,8192", "10000,13000,9728"})
    void refusesAHole(long first, long last, long named) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> extents(first, last).sectorsIn(THREE_EXTENTS, 20000))
                .withMessageContaining("/mnt/file: byte " + named + " lies in a hole")
                .withMessageContaining("write it first");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            last,unwritten,eof          | was never written | write it first
            last,not_aligned,inline,eof | metadata          | make the file larger
            last,encoded,eof            | compressed        | switch that off
            last,unknown_loc,delalloc,eof | no certain place | force the file
            last,some_new_flag,eof      | no certain place  | force the file
            """)
    void refusesAnExtentThatIsNotPlainlyThere(String flags, String problem, String remedy) {
        String said = THREE_EXTENTS.replace("last,eof", flags);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> extents(12288, 19999).sectorsIn(said, 20000))
                .withMessageContaining("bytes 12288..19999 of /mnt/file: byte 16384")
                .withMessageContaining(problem)
                .withMessageContaining(remedy);
        assertThat(extents(12288, 16383).sectorsIn(said, 20000))
                .as("not asked for")
                .hasToString("70000..70007");
    }

    @Test
    void takesAnExtentThatOthersShare() {
        String said = THREE_EXTENTS.replace("last,eof", "last,shared,eof");
        assertThat(extents(16384, 16384).sectorsIn(said, 20000)).hasToString("71000");
    }

    @ParameterizedTest
    @CsvSource({"9123683e,btrfs does not say", "f2f52010,magic f2f52010"})
    void refusesFilesystemsThatCannotSay(String magic, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> extents(0, 0).sectorsIn(THREE_EXTENTS.replace("ef53", magic), 20000))
                .withMessageContaining(problem)
                .withMessageContaining("use ext4 or XFS");
    }

    @Test
    void refusesBytesThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FilePart.file(FILE).bytes(-1, 5));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FilePart.file(FILE).bytes(6, 5));
    }

    private static FileExtents extents(long first, long last) {
        return new FileExtents(FilePart.file(FILE).bytes(first, last));
    }
}
