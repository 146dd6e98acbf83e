package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Sectors;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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
        checkContents(conditions);
        checkMarks(kinds, conditions);
        checkSizes(kinds, conditions);
    }

    private static void checkContents(List<Condition> conditions) {
        for (Condition condition : conditions) {
            for (Condition other : conditions) {
                if (condition instanceof Condition.Containing wanted
                        && other instanceof Condition.Not not
                        && not.condition() instanceof Condition.Containing unwanted
                        && wanted.latin1().contains(unwanted.latin1())) {
                    throw new IllegalArgumentException("no write is " + wanted.text() + " and " + not.text()
                            + ", which is a part of it; leave one out");
                }
            }
        }
    }

    /** Checks that at least one kind can have the wanted marks, and that no kind without them is named. */
    private static void checkMarks(Set<Kind> kinds, List<Condition> conditions) {
        for (Condition condition : conditions) {
            boolean possible = kinds.stream()
                    .anyMatch(kind -> condition instanceof Condition.Flagged wanted
                            ? !Collections.disjoint(
                                    kind.operations(), wanted.kind().operations())
                            : !(condition instanceof Condition.Not not
                                    && not.condition() instanceof Condition.Flagged unwanted
                                    && unwanted.kind() == kind));
            if (!possible) {
                throw new IllegalArgumentException("no request is "
                        + kinds.stream().map(Kind::word).collect(Collectors.joining(" or ")) + " and also "
                        + condition.text() + "; leave one out");
            }
        }
    }

    /** Checks that sizes fit the kinds: a request has whole sectors, and a flush has no sectors. */
    private static void checkSizes(Set<Kind> kinds, List<Condition> conditions) {
        Optional<Ranges> sizes = Optional.of(Ranges.ALL);
        StringBuilder text = new StringBuilder();
        for (Condition condition : conditions) {
            Ranges wanted = null;
            if (condition instanceof Condition.Sized sized) {
                wanted = sized.bytes();
            } else if (condition instanceof Condition.Not not && not.condition() instanceof Condition.Sized sized) {
                wanted = sized.bytes().complement();
            }
            if (wanted != null) {
                Ranges one = wanted;
                sizes = sizes.flatMap(s -> s.intersection(one));
                text.append(text.length() == 0 ? "" : " ").append(condition.text());
            }
        }
        boolean canBeEmpty = kinds.stream().anyMatch(kind -> kind.operations().contains(Operation.FLUSH));
        boolean canHaveSectors = kinds.stream().anyMatch(kind -> kind != Kind.FLUSH);
        boolean possible = sizes.isPresent()
                && (canHaveSectors && sizes.get().hasMultipleOf(Sectors.BYTES)
                        || canBeEmpty && sizes.get().contains(0));
        if (!possible) {
            throw new IllegalArgumentException(text + " is the size of no request: "
                    + (canHaveSectors
                            ? "requests have whole sectors of " + Sectors.BYTES + " bytes; name a size that holds a"
                                    + " multiple of that"
                            : "a flush has no bytes; leave it out"));
        }
    }

    /** Returns whether a request with that operation can be meant, whatever else it has. */
    boolean canMean(Operation operation) {
        if (operation == Operation.FLUSH && (sectors.isPresent() || scatter.isPresent())) {
            return false;
        }
        if (operation != Operation.WRITE && conditions.stream().anyMatch(Condition.Containing.class::isInstance)) {
            return false;
        }
        return kinds.stream().anyMatch(k -> k.operations().contains(operation));
    }

    /**
     * Returns whether every request that the other can mean is of these kinds and touches these sectors. Conditions are not
     * looked at.
     */
    boolean covers(Scope other) {
        boolean all = other.kinds.stream()
                .allMatch(kind -> kinds.contains(kind)
                        || kinds.contains(Kind.ANY)
                        || kind == Kind.FUA && kinds.contains(Kind.WRITE));
        return all
                && (sectors.isEmpty()
                        || other.sectors.isPresent() && sectors.get().containsAll(other.sectors.get()));
    }

    /** Returns whether there is a sector that is in both. */
    boolean meets(Scope other) {
        return sectors.isEmpty() || other.sectors.isEmpty() || sectors.get().meets(other.sectors.get());
    }

    /** Returns it in the fault language, from {@code on}. */
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
