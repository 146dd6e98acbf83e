package io.ublkdisk.fault;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Stage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A request with nothing behind it: rules are asked about it, and nobody serves it. */
public final class Asked extends Request {

    private Asked(int bytes) {
        super(0, 0, ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    public static Asked request(Operation operation, int flags, long sector, int sectorCount) {
        Asked request = new Asked(operation.hasData() ? sectorCount << 9 : 0);
        request.begin(operation, flags, sector, sectorCount);
        return request;
    }

    /** For loops that make no new object for each request. */
    public Asked again(Operation operation, long sector, int sectorCount) {
        begin(operation, 0, sector, sectorCount);
        return this;
    }

    public static Asked read(long sector, int sectorCount) {
        return request(Operation.READ, 0, sector, sectorCount);
    }

    public static Asked write(long sector, int sectorCount) {
        return request(Operation.WRITE, 0, sector, sectorCount);
    }

    public static Asked flush() {
        return request(Operation.FLUSH, 0, 0, 0);
    }

    /** What the armed rules say; "nothing armed" is a decision in which nothing fired. */
    public Decision of(Rules rules) {
        Decision decision = new Decision();
        RuleTable table = rules.table();
        if (table != null) {
            table.decide(this, decision);
        }
        return decision;
    }

    /** For each of {@code times} such reads, counted from 1, the numbers of those on which a rule fired. */
    public static List<Integer> firings(Rules rules, int times) {
        List<Integer> fired = new ArrayList<>();
        for (int i = 1; i <= times; i++) {
            if (read(8, 8).of(rules).count() > 0) {
                fired.add(i);
            }
        }
        return fired;
    }

    @Override
    public void finish(BlockStatus status) {
        throw new UnsupportedOperationException("nobody serves this request");
    }

    @Override
    public void runAt(long dueNanos, Stage next) {
        throw new UnsupportedOperationException("nobody serves this request");
    }
}
