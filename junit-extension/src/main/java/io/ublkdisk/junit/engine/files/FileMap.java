package io.ublkdisk.junit.engine.files;

import io.ublkdisk.block.Extent;
import io.ublkdisk.junit.FilePart;
import io.ublkdisk.protocol.UnflushedChange;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which file has which sectors of a disk, as it was when it was asked; for reports, so what is not known is left out. */
public final class FileMap {
    private static final int FILE_LIMIT = 5_000;
    /** Files in one call of filefrag. */
    private static final int AT_ONCE = 500;

    /** A run of sectors, and where it begins in its file. */
    public record Place(Path file, long firstSector, long sectorCount, long fileSector) {
        Extent sectors() {
            return Extent.ofLength(firstSector, sectorCount);
        }

        /** Returns the bytes of the file that these sectors have; they have some. */
        FilePart part(Extent with) {
            long first = Math.max(with.first(), firstSector);
            long last = Math.min(with.last(), sectors().last());
            return new FilePart(file, byteOf(first), byteOf(last) + 511);
        }

        public long byteOf(long sector) {
            return (fileSector + sector - firstSector) * 512;
        }
    }

    /** Of no file. */
    public static final FileMap NONE = new FileMap();

    private final List<Place> places = new ArrayList<>();

    private FileMap() {}

    /** Returns the map of all files under that folder; of the first thousands, if there are more. */
    public static FileMap of(Path folder) {
        return of(folder, FILE_LIMIT);
    }

    private static FileMap of(Path folder, int limit) {
        FileMap map = new FileMap();
        try {
            List<Path> files = files(folder, limit);
            for (int from = 0; from < files.size(); from += AT_ONCE) {
                map.places.addAll(FileExtents.places(files.subList(from, Math.min(files.size(), from + AT_ONCE))));
            }
        } catch (IOException | java.io.UncheckedIOException unknown) {
            // A report without names of files is still a report.
            return map;
        }
        return map;
    }

    /** Returns the map of as many files under that folder as one question covers, which takes little time. */
    public static FileMap some(Path folder) {
        return of(folder, AT_ONCE);
    }

    /** Returns the parts of files that have some of these sectors. */
    public List<FilePart> parts(Extent sectors) {
        return of(sectors).stream().map(place -> place.part(sectors)).toList();
    }

    /** Returns the parts of files of which these changes are, those of one file that touch each other as one. */
    public List<FilePart> parts(List<UnflushedChange> changes) {
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

    /** Returns the files under a folder, as far as it can be read: folders may be damaged, or on a disk without power. */
    private static List<Path> files(Path folder, int limit) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()) {
                    files.add(file);
                }
                return files.size() < limit ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path unreadable, IOException problem) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path read, IOException problem) {
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    public Optional<Place> of(long sector) {
        return of(new Extent(sector, sector)).stream().findFirst();
    }

    /** Returns the files that have some of these sectors. */
    public List<Place> of(Extent sectors) {
        return places.stream()
                .filter(place -> place.sectors().overlaps(sectors.first(), sectors.last()))
                .toList();
    }
}
