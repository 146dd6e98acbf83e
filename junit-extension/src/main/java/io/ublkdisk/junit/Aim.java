package io.ublkdisk.junit;

import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.Rule;
import org.apiguardian.api.API;

/**
 * Where on the disk a part of a file lies, for rules about just that. It is asked of the filesystem once; if the file is
 * written anew, or moved by the filesystem, the rules stay where they are.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public interface Aim {
    /** Returns the sectors that have at least one of these bytes. */
    Ranges sectors();

    /**
     * Arms a rule about these sectors.
     *
     * @param rule one rule in the fault language without {@code sectors}, for instance {@code "on read fail MEDIUM"}
     * @return its name
     * @throws IllegalArgumentException if it is no rule, or names sectors itself
     */
    String add(String rule);

    /** Returns the same with a rule that was built in Java. */
    String add(Rule rule);

    /**
     * Damages these sectors at rest, as {@link Faults#damage} does.
     *
     * @return which bytes changed, in words
     */
    String damage(String with);
}
