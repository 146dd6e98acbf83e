package io.ublkdisk.journal;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which entries of a log, in the words of xfstests' replay-log: from where, and to where. The entry that ends it belongs to it.
 *
 * @param startEntry the number of the first, from 0; a start mark goes before it
 * @param startMark the first is the one behind this mark
 * @param endMark the last is this mark
 * @param limit how many at most; empty for any number
 * @param nextFlush the last is the next flush
 * @param nextFua the last is the next write with FUA
 */
public record LogPart(
        long startEntry,
        Optional<String> startMark,
        Optional<String> endMark,
        OptionalLong limit,
        boolean nextFlush,
        boolean nextFua) {
    public static final LogPart ALL =
            new LogPart(0, Optional.empty(), Optional.empty(), OptionalLong.empty(), false, false);

    private static final int MARKS_SHOWN = 10;

    /** Takes an entry. */
    public interface Visitor {
        void visit(LogEntry entry) throws IOException;
    }

    public LogPart {
        if (startEntry < 0 || limit.orElse(0) < 0) {
            throw new IllegalArgumentException(
                    (startEntry < 0 ? "start entry " + startEntry : "limit " + limit.getAsLong())
                            + ": write 0 or more");
        }
    }

    /** Returns all up to that mark, which is the last. */
    public static LogPart to(String mark) {
        return new LogPart(0, Optional.empty(), Optional.of(mark), OptionalLong.empty(), false, false);
    }

    /**
     * Shows them, in order.
     *
     * @throws LogFormatException if the log is damaged up to there
     * @throws IOException if there is no such entry or mark, and which there are; all that were shown are from before that
     */
    public void visit(LogReader log, Visitor visitor) throws IOException {
        log.rewind();
        if (startMark.isPresent()) {
            seek(log, startMark.get());
        } else {
            skip(log);
        }
        Set<String> marks = new LinkedHashSet<>();
        long most = limit.orElse(Long.MAX_VALUE);
        if (most == 0) {
            return;
        }
        long count = 0;
        for (LogEntry entry = log.next(); entry != null; entry = log.next()) {
            visitor.visit(entry);
            count++;
            if (entry.isMark()) {
                marks.add(entry.mark());
            }
            if (count == most || endsWith(entry)) {
                return;
            }
        }
        if (endMark.isPresent()) {
            throw noMark(log, endMark.get(), marks);
        }
    }

    private boolean endsWith(LogEntry entry) {
        return nextFlush && entry.isFlush()
                || nextFua && entry.isFua()
                || entry.isMark() && endMark.filter(entry.mark()::equals).isPresent();
    }

    private void skip(LogReader log) throws IOException {
        if (startEntry > 0 && startEntry >= log.entryCount()) {
            throw new IOException("start entry " + startEntry + ": " + log.path() + " has " + log.entryCount()
                    + " entries, and they are numbered from 0");
        }
        for (long i = 0; i < startEntry; i++) {
            log.next();
        }
    }

    private static void seek(LogReader log, String mark) throws IOException {
        Set<String> marks = new LinkedHashSet<>();
        for (LogEntry entry = log.next(); entry != null; entry = log.next()) {
            if (entry.isMark()) {
                if (entry.mark().equals(mark)) {
                    return;
                }
                marks.add(entry.mark());
            }
        }
        throw noMark(log, mark, marks);
    }

    private static IOException noMark(LogReader log, String mark, Set<String> marks) {
        String known =
                marks.stream().limit(MARKS_SHOWN).map(each -> "'" + each + "'").collect(Collectors.joining(", "));
        return new IOException("no mark '" + mark + "' in that part of " + log.path()
                + (marks.isEmpty() ? ", which has none" : "; there are " + known)
                + (marks.size() > MARKS_SHOWN ? " and " + (marks.size() - MARKS_SHOWN) + " more" : ""));
    }
}
