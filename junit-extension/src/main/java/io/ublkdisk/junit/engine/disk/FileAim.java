package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.junit.Aim;
import io.ublkdisk.junit.Faults;
import io.ublkdisk.script.Script;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The sectors of a part of a file, and the rules of its disk. */
record FileAim(Faults faults, Ranges sectors) implements Aim {
    @Override
    public String add(String rule) {
        return add(Script.parseRule(rule));
    }

    @Override
    public String add(Rule rule) {
        return faults.add(rule.onSectors(sectors));
    }

    @Override
    public String damage(String with) {
        return IntStream.range(0, sectors.count())
                .mapToObj(run -> faults.damage(
                        Sectors.toBytes(sectors.first(run)),
                        Sectors.toBytes(sectors.last(run) - sectors.first(run) + 1),
                        with))
                .collect(Collectors.joining("; "));
    }
}
