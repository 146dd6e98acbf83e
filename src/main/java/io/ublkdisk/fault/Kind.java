package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import java.util.Set;

/**
 * What a rule says after {@code on}: an operation, or a mark that the kernel puts on requests. A list of kinds means any of
 * them, so {@code on flush,fua} is both ways to make data durable.
 */
public enum Kind {
    READ(Set.of(Operation.READ), 0),
    WRITE(Set.of(Operation.WRITE), 0),
    FLUSH(Set.of(Operation.FLUSH), 0),
    DISCARD(Set.of(Operation.DISCARD), 0),
    WRITE_ZEROES(Set.of(Operation.WRITE_ZEROES), 0),
    /** A write that must be durable before it completes ({@link Request#FUA}). */
    FUA(Set.of(Operation.WRITE), Request.FUA),
    /** Any operation that the filesystem marked as metadata ({@link Request#META}). */
    METADATA(Set.of(Operation.values()), Request.META),
    ANY(Set.of(Operation.values()), 0);

    private final String word;
    private final Set<Operation> operations;
    private final int flag;

    Kind(Set<Operation> operations, int flag) {
        this.word = name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        this.operations = operations;
        this.flag = flag;
    }

    /** Returns it in the fault language, for instance {@code write-zeroes}. */
    public String word() {
        return word;
    }

    /** Returns the operations that a request of this kind can have. */
    public Set<Operation> operations() {
        return operations;
    }

    /** Returns the bit that a request of this kind carries in {@link Request#flags()}; 0 where the operation says it all. */
    public int flag() {
        return flag;
    }
}
