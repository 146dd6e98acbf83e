package io.ublkdisk.server.mount;

import io.ublkdisk.control.ByteSize;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.server.process.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs the mkfs of a filesystem, told to be quick about a disk that holds nothing, and to write no more than it must. */
public final class MakeFileSystem {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    /** Where mkfs is, also for those whose PATH does not say. */
    private static final List<String> FOLDERS = List.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin");

    private MakeFileSystem() {}

    /** @throws DiskException if it is not installed, naming the package */
    public static void checkInstalled(FileSystem fs) throws DiskException {
        if (fs != FileSystem.NONE && program(fs).isEmpty()) {
            throw new DiskException(fs.makeProgram() + " is not installed; it is in the package " + fs.packageName()
                    + ": apt-get install " + fs.packageName());
        }
    }

    public static void run(DiskSpec spec, Path device) throws IOException {
        FileSystem fs = spec.fileSystem();
        checkInstalled(fs);
        List<String> command = new ArrayList<>();
        command.add(program(fs).orElseThrow().toString());
        command.addAll(
                switch (fs) {
                    // Nothing left for the kernel to do behind the test's back, and no journal write of zeroes.
                    case EXT4 -> List.of("-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard");
                    case XFS -> List.of("-q", "-f", "-K");
                    case BTRFS -> List.of("-q", "-f", "-K");
                    case NONE -> throw new IllegalArgumentException("nothing to make");
                });
        command.addAll(words(spec.mkfsOptions()));
        command.add(device.toString());
        Tool mkfs = Tool.start(command);
        try {
            String size = spec.sizeBytes().stream()
                    .mapToObj(ByteSize::print)
                    .findFirst()
                    .orElse("the file's size");
            mkfs.require(LIMIT, "making " + fs.word() + " on a disk of " + size);
        } finally {
            mkfs.kill();
        }
    }

    static Optional<Path> program(FileSystem fs) {
        List<String> folders = new ArrayList<>();
        String path = System.getenv("PATH");
        if (path != null) {
            folders.addAll(List.of(path.split(":")));
        }
        folders.addAll(FOLDERS);
        return folders.stream()
                .filter(f -> !f.isEmpty())
                .map(f -> Path.of(f, fs.makeProgram()))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Words as a shell tells them apart, with single and double quotes and nothing else. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = null;
        char quote = 0;
        for (char c : text.toCharArray()) {
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
                word = word == null ? new StringBuilder() : word;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (word != null) {
                    words.add(word.toString());
                }
                word = null;
            } else {
                word = word == null ? new StringBuilder() : word;
                word.append(c);
            }
        }
        if (word != null) {
            words.add(word.toString());
        }
        return words;
    }
}
