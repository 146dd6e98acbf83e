package io.ublkdisk.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which file has which sectors of a disk, as it was when it was asked; for reports, so what is not known is left out. */
final class FileMap {
    private static final int FILE_LIMIT = 100;

    /** A run of sectors, and where it begins in its file. */
    record Place(Path file, long firstSector, long sectorCount, long fileSector) {
        boolean has(long sector) {
            return sector >= firstSector && sector < firstSector + sectorCount;
        }

        long byteOf(long sector) {
            return (fileSector + sector - firstSector) * 512;
        }
    }

    private final List<Place> places = new ArrayList<>();

    private FileMap() {}

    /** Of all files under that folder; of the first hundred, if there are more. */
    static FileMap of(Path folder) {
        FileMap map = new FileMap();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file :
                    files.filter(Files::isRegularFile).limit(FILE_LIMIT).toList()) {
                map.places.addAll(FileExtents.places(file));
            }
        } catch (IOException | java.io.UncheckedIOException unknown) {
            // A report without names of files is still a report.
            return map;
        }
        return map;
    }

    Optional<Place> of(long sector) {
        return places.stream().filter(place -> place.has(sector)).findFirst();
    }
}
