package io.ublkdisk.junit;

import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.script.Script;

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
}
