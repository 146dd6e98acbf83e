package io.ublkdisk.junit.engine.campaign;

import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.crash.RecordedChange;
import io.ublkdisk.crash.Tear;
import io.ublkdisk.junit.engine.files.FileMap;
import java.util.ArrayList;
import java.util.List;

/** What there is to say of a crash state that failed and was made small. */
final class CrashReport {
    private static final int LINES = 8;
    /** Of what is only near to what went wrong. */
    private static final int LINES_AFTER = 3;

    private final Epoch epoch;
    private final CrashState found;
    private final CrashState least;
    private final CrashTrace trace;
    private final FileMap files;

    CrashReport(Epoch epoch, CrashState found, CrashState least, CrashTrace trace, FileMap files) {
        this.epoch = epoch;
        this.found = found;
        this.least = least;
        this.trace = trace;
        this.files = files;
    }

    /** @param how it was made small, or why not; empty if there was nothing to make small */
    String text(Throwable wrong, String how, List<String> marks) {
        List<String> lines = new ArrayList<>();
        lines.add("crash state " + found.id() + " fails: " + wrong.getMessage());
        if (!how.isEmpty()) {
            lines.add(how);
        }
        damage(lines);
        lines.add("promised: " + (marks.isEmpty() ? "nothing" : String.join(", ", marks)));
        if (!marks.isEmpty()) {
            list(lines, LINES, "not forced when that was promised: ", trace.notForced(marks.size()));
            list(lines, LINES_AFTER, "done after that was promised: ", trace.afterPromise(marks.size()));
        }
        return String.join("\n  ", lines);
    }

    private void damage(List<String> lines) {
        List<RecordedChange> lost = epoch.lost(least);
        long total = lost.size() + least.tears().size();
        if (total == 0) {
            lines.add("nothing of flush epoch " + epoch.number()
                    + " is lost or torn in it, so the disk kept all that it was sent:"
                    + " what is missing was still in the page cache, because nothing had forced it by then");
        }
        lost.stream().limit(LINES).forEach(change -> lines.add("lost " + described(change)));
        least.tears()
                .forEach((number, tear) ->
                        lines.add("torn " + described(epoch.change(number)) + "; of it there are " + words(tear)));
        if (lost.size() > LINES) {
            lines.add("and " + (lost.size() - LINES) + " more are lost");
        }
    }

    private static String words(Tear tear) {
        return "only the " + (tear.left() ? "first " : "last ") + tear.sectorCount() + " sectors";
    }

    private String described(RecordedChange change) {
        String where = "flush epoch " + epoch.number() + ", " + change + " ("
                + change.sectors().count() + " sectors): ";
        return where
                + files.of(change.sectors().first())
                        .map(place -> {
                            long from = place.byteOf(change.sectors().first());
                            long length = change.sectors().count() * 512;
                            return "file " + place.file().getFileName() + ", bytes " + from + ".." + (from + length - 1)
                                    + trace.lastWrite(place.file(), from, length)
                                            .map(call -> "; last " + call)
                                            .orElse("");
                        })
                        .orElse("of no file at the end of the run; the filesystem's journal or metadata");
    }

    private static void list(List<String> lines, int limit, String title, List<CrashTrace.Call> calls) {
        calls.stream().limit(limit).forEach(call -> lines.add(title + call));
    }
}
