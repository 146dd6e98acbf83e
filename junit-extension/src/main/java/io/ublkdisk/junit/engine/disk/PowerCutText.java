package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.junit.FilePart;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the disk says of a power cut, read again: how many changes of its volatile cache were lost, torn and kept. */
record PowerCutText(boolean hadCache, int lost, int torn, int kept) {
    private static final int FILES_SHOWN = 5;
    /** How an entry of the journal begins that tells of a cut; lines about power being back do not. */
    private static final String CUT = "cut: ";

    private static final Pattern TEXT = Pattern.compile("(\\d+) unflushed changes? lost, (\\d+) torn, (\\d+) kept");

    /** Returns whether an entry of the journal of the kind power tells of a cut. */
    static boolean isCut(String text) {
        return text.startsWith(CUT);
    }

    /** Reads what a cut returned, or an entry of the journal. */
    static PowerCutText of(String text) {
        Matcher counts = TEXT.matcher(text);
        return counts.find()
                ? new PowerCutText(
                        !text.contains("no volatile cache"),
                        Integer.parseInt(counts.group(1)),
                        Integer.parseInt(counts.group(2)),
                        Integer.parseInt(counts.group(3)))
                : new PowerCutText(true, 0, 0, 0);
    }

    /** Returns whether the cache of the disk had nothing that the cut could take. */
    boolean foundNothing() {
        return lost + torn + kept == 0;
    }

    /** Returns what the cut did, for a sentence that begins with "the power cut". */
    String words(List<FilePart> files) {
        if (!hadCache) {
            return "took nothing from the disk, which has no volatile cache; what the kernel had not written yet is lost";
        }
        if (lost + torn == 0) {
            return "lost no change of the disk's cache" + (kept == 0 ? "" : ", " + kept + " kept")
                    + "; what the kernel had not written yet is lost too";
        }
        return "lost " + (lost == 1 ? "1 unflushed change" : lost + " unflushed changes")
                + (torn == 0 ? "" : ", tore " + torn)
                + (files.isEmpty() ? "" : ", of " + names(files))
                + "; what the kernel had not written yet is lost too";
    }

    private static String names(List<FilePart> files) {
        return files.stream()
                        .limit(FILES_SHOWN)
                        .map(part -> part.path().getFileName() + " (" + part.firstByte() + ".." + part.lastByte() + ")")
                        .collect(Collectors.joining(", "))
                + (files.size() > FILES_SHOWN ? " and " + (files.size() - FILES_SHOWN) + " more parts of files" : "");
    }
}
