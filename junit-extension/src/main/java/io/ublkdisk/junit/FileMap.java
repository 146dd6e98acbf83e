package io.ublkdisk.junit;

import io.ublkdisk.block.Extent;
import io.ublkdisk.control.UnflushedChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
        return of(folder, FILE_LIMIT);
    }

    private static FileMap of(Path folder, int limit) {
        FileMap map = new FileMap();
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files = all.filter(Files::isRegularFile).limit(limit).toList();
            for (int from = 0; from < files.size(); from += AT_ONCE) {
                map.places.addAll(FileExtents.places(files.subList(from, Math.min(files.size(), from + AT_ONCE))));
            }
        } catch (IOException | java.io.UncheckedIOException unknown) {
            // A report without names of files is still a report.
            return map;
        }
        return map;
    }

    /** Of as many files under that folder as one question is about, which takes little time. */
    static FileMap some(Path folder) {
        return of(folder, AT_ONCE);
    }

    /** Returns the parts of files of which these changes are, those of one file that touch each other as one. */
    List<FilePart> parts(List<UnflushedChange> changes) {
        Map<Path, TreeMap<Long, Long>> byFile = new LinkedHashMap<>();
        for (UnflushedChange change : changes) {
            for (Place place : of(change.sectors())) {
                FilePart part = place.part(change.sectors());
                byFile.computeIfAbsent(part.path(), none -> new TreeMap<>())
                        .merge(part.firstByte(), part.lastByte(), Math::max);
            }
        }
        List<FilePart> parts = new ArrayList<>();
        byFile.forEach((file, ends) -> {
            long first = -1;
            long last = -1;
            for (Map.Entry<Long, Long> range : ends.entrySet()) {
                if (first >= 0 && range.getKey() > last + 1) {
                    parts.add(new FilePart(file, first, last));
                    first = -1;
                }
                first = first < 0 ? range.getKey() : first;
                last = Math.max(last, range.getValue());
            }
            parts.add(new FilePart(file, first, last));
        });
        return parts;
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
