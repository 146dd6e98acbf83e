package io.ublkdisk.junit;

import io.ublkdisk.block.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which file has which sectors of a disk, as it was when it was asked; for reports, so what is not known is left out. */
final class FileMap {
    private static final int FILE_LIMIT = 5_000;
    /** Files that one question is about. */
    private static final int AT_ONCE = 500;

    /** A run of sectors, and where it begins in its file. */
    record Place(Path file, long firstSector, long sectorCount, long fileSector) {
        Extent sectors() {
            return Extent.ofLength(firstSector, sectorCount);
        }

        /** The bytes of the file that these sectors have; they have some. */
        FilePart part(Extent with) {
            long first = Math.max(with.first(), firstSector);
            long last = Math.min(with.last(), sectors().last());
            return new FilePart(file, byteOf(first), byteOf(last) + 511);
        }

        long byteOf(long sector) {
            return (fileSector + sector - firstSector) * 512;
        }
    }

    /** Of no file. */
    static final FileMap NONE = new FileMap();

    private final List<Place> places = new ArrayList<>();

    private FileMap() {}

    /** Of all files under that folder; of the first thousands, if there are more. */
    static FileMap of(Path folder) {
        FileMap map = new FileMap();
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files =
                    all.filter(Files::isRegularFile).limit(FILE_LIMIT).toList();
            for (int from = 0; from < files.size(); from += AT_ONCE) {
                map.places.addAll(FileExtents.places(files.subList(from, Math.min(files.size(), from + AT_ONCE))));
            }
        } catch (IOException | java.io.UncheckedIOException unknown) {
            // A report without names of files is still a report.
            return map;
        }
        return map;
    }

    Optional<Place> of(long sector) {
        return of(new Extent(sector, sector)).stream().findFirst();
    }

    /** Those that have some of these sectors. */
    List<Place> of(Extent sectors) {
        return places.stream()
                .filter(place -> place.sectors().overlaps(sectors.first(), sectors.last()))
                .toList();
    }
}
