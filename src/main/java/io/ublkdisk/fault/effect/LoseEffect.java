package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.RouteEffect;

/** A lost write (phantom write): it is acknowledged and never arrives; the sectors keep what they had. */
public record LoseEffect() implements RouteEffect {

    @Override
    public String word() {
        return "lose";
    }

    @Override
    public String text() {
        return "lose";
    }

    @Override
    public boolean actsOn(Operation operation) {
        return operation.changesMedia();
    }

    @Override
    public long route(Request request, int index) {
        return LOST;
    }

    @Override
    public String toString() {
        return text();
    }
}
