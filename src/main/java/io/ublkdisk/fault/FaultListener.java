package io.ublkdisk.fault;

import io.ublkdisk.block.Request;

/** Is told of each fault. On the queue thread, before the effect is seen by anybody: be quick, and keep nothing of the request. */
@FunctionalInterface
public interface FaultListener {

    void fired(Rule rule, Request request);
}
