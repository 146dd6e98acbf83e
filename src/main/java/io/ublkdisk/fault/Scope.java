package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which requests a rule is about: any of the kinds, touching one of the sectors, and meeting all conditions.
 *
 * @param sectors where, in sectors of 512 bytes; empty for everywhere
 */
public record Scope(Set<Kind> kinds, Optional<Ranges> sectors, Optional<Scatter> scatter, List<Condition> conditions) {

    /** @throws IllegalArgumentException if no request can be meant by it */
    public Scope {
        if (kinds.isEmpty()) {
            throw new IllegalArgumentException("a rule needs a kind of request after on, for instance read, or any");
        }
        kinds = Collections.unmodifiableSet(EnumSet.copyOf(kinds));
        conditions = List.copyOf(conditions);
        if (kinds.contains(Kind.ANY) && kinds.size() > 1) {
            throw new IllegalArgumentException("any is every kind of request; leave the others out, or any");
        }
        if (kinds.contains(Kind.FLUSH) && (sectors.isPresent() || scatter.isPresent())) {
            throw new IllegalArgumentException(
                    "a flush is about the whole disk and has no sectors; leave one of the two out");
        }
        for (Condition condition : conditions) {
            if (conditions.contains(new Condition.Not(condition))) {
                throw new IllegalArgumentException(
                        condition.text() + " and not " + condition.text() + " cannot both hold; leave one out");
            }
            if (condition instanceof Condition.Containing
                    && kinds.stream().noneMatch(k -> k.operations().contains(Operation.WRITE))) {
                throw new IllegalArgumentException(
                        "containing looks into the data of writes, and none is meant here; say on write");
            }
        }
    }

    /** Whether a request with that operation can be meant, whatever else it has. */
    boolean canMean(Operation operation) {
        if (operation == Operation.FLUSH && (sectors.isPresent() || scatter.isPresent())) {
            return false;
        }
        if (operation != Operation.WRITE && conditions.stream().anyMatch(Condition.Containing.class::isInstance)) {
            return false;
        }
        return kinds.stream().anyMatch(k -> k.operations().contains(operation));
    }

    /** Whether every request that the other can mean is of these kinds and touches these sectors. Conditions are not looked at. */
    boolean covers(Scope other) {
        boolean all = other.kinds.stream()
                .allMatch(kind -> kinds.contains(kind)
                        || kinds.contains(Kind.ANY)
                        || kind == Kind.FUA && kinds.contains(Kind.WRITE));
        return all
                && (sectors.isEmpty()
                        || other.sectors.isPresent() && sectors.get().containsAll(other.sectors.get()));
    }

    /** Whether there is a sector that is in both. */
    boolean meets(Scope other) {
        return sectors.isEmpty() || other.sectors.isEmpty() || sectors.get().meets(other.sectors.get());
    }

    /** As the fault language writes it, from {@code on}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("on ");
        kinds.forEach(kind -> text.append(kind == first() ? "" : ",").append(kind.word()));
        sectors.ifPresent(s -> text.append(" sectors ").append(s));
        scatter.ifPresent(s -> text.append(' ').append(s));
        conditions.forEach(c -> text.append(' ').append(c.text()));
        return text.toString();
    }

    private Kind first() {
        return kinds.iterator().next();
    }
}
