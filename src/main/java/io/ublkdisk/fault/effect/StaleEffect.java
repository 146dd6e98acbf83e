package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Operation;
import io.ublkdisk.fault.MediaEffect;

/**
 * A read answers with what the sector had before it was last written, though that write was acknowledged. A sector that was
 * written at most once answers zeroes.
 */
public record StaleEffect() implements MediaEffect {

    @Override
    public String word() {
        return "stale";
    }

    @Override
    public String text() {
        return "stale";
    }

    @Override
    public boolean actsOn(Operation operation) {
        return operation == Operation.READ;
    }

    @Override
    public boolean readsEarlierBytes() {
        return true;
    }

    @Override
    public boolean changesBytes() {
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
