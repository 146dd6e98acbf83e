package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;

/** Once it has fired it stays: every later request that it affects meets it, whatever the rule's scope, until released. */
public interface LatchingEffect extends LinkEffect {

    boolean affects(Operation operation);
}
