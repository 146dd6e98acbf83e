package io.ublkdisk.junit.engine.campaign;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a program did to its files, call by call, with the lines that did it. Thread safe. */
final class CrashTrace {
    /** How many calls of the program stand in a report, the innermost first. */
    private static final int FRAMES = 3;
    /** Where the packages of the engine begin; the program under test is in none of them. */
    private static final String ENGINE = "io.ublkdisk.junit.engine.";

    enum Kind {
        WRITE,
        FORCE,
        RENAME,
        PROMISE
    }

    /**
     * A call.
     *
     * @param path of the file, or of the new name; null for a promise
     * @param from first byte of a write
     * @param text the promise, or the old name
     */
    record Call(Kind kind, Path path, long from, long length, String text, String by) {
        @Override
        public String toString() {
            String name = path == null || path.getFileName() == null
                    ? "it"
                    : path.getFileName().toString();
            String what = switch (kind) {
                case WRITE -> "write of " + name + ", bytes " + from + ".." + (from + length - 1);
                case FORCE -> "force of " + name;
                case RENAME -> "rename of " + text + " to " + name;
                case PROMISE -> "promise \"" + text + "\"";
            };
            return what + ", by " + by;
        }

        private boolean isMadeDurableBy(Call force) {
            return force.kind == Kind.FORCE && force.path.equals(kind == Kind.RENAME ? path.getParent() : path);
        }
    }

    private final List<Call> calls = new ArrayList<>();

    synchronized void clear() {
        calls.clear();
    }

    void write(Path path, long from, long length) {
        add(new Call(Kind.WRITE, path, from, length, "", caller()));
    }

    void force(Path path) {
        add(new Call(Kind.FORCE, path, 0, 0, "", caller()));
    }

    void rename(Path from, Path to) {
        add(new Call(Kind.RENAME, to, 0, 0, from.getFileName().toString(), caller()));
    }

    void promise(String text) {
        add(new Call(Kind.PROMISE, null, 0, 0, text, caller()));
    }

    private synchronized void add(Call call) {
        calls.add(call);
    }

    /** Returns how many promises were made. */
    synchronized int promises() {
        return (int) calls.stream().filter(call -> call.kind() == Kind.PROMISE).count();
    }

    /** Returns what had been written or renamed and not made durable when the last of so many promises was made. */
    synchronized List<Call> notForced(int promises) {
        int end = indexOfPromise(promises);
        List<Call> found = new ArrayList<>();
        for (int i = 0; i < end; i++) {
            Call call = calls.get(i);
            boolean changes = call.kind() == Kind.WRITE || call.kind() == Kind.RENAME;
            if (changes && calls.subList(i, end).stream().noneMatch(call::isMadeDurableBy)) {
                found.add(call);
            }
        }
        return found;
    }

    /** Returns the calls after the last of so many promises, up to the next promise. */
    synchronized List<Call> afterPromise(int promises) {
        List<Call> after = calls.subList(Math.min(calls.size(), indexOfPromise(promises) + 1), calls.size());
        return after.stream().takeWhile(call -> call.kind() != Kind.PROMISE).toList();
    }

    /** Returns the last write of a byte of that part of a file. */
    synchronized Optional<Call> lastWrite(Path path, long from, long length) {
        return calls.stream()
                .filter(call -> call.kind() == Kind.WRITE
                        && call.path().equals(path)
                        && call.from() < from + length
                        && from < call.from() + call.length())
                .reduce((earlier, later) -> later);
    }

    /** Returns its index; of none, the beginning. */
    private int indexOfPromise(int promises) {
        int left = promises;
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).kind() == Kind.PROMISE && --left == 0) {
                return i;
            }
        }
        return 0;
    }

    /** Returns who called, without ourselves and without the library. */
    private static String caller() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !isInternal(frame.getClassName()))
                        .limit(FRAMES)
                        .map(frame -> frame.getClassName()
                                        .substring(frame.getClassName().lastIndexOf('.') + 1) + "."
                                + frame.getMethodName() + "(" + frame.getFileName() + ":" + frame.getLineNumber() + ")")
                        .collect(Collectors.joining(" < ")));
    }

    private static boolean isInternal(String name) {
        return name.startsWith(ENGINE)
                || name.startsWith("java.")
                || name.startsWith("jdk.")
                || name.startsWith("org.junit.");
    }
}
