package io.ublkdisk.fault;

/** The three places of a drive in which something goes wrong, in the order in which a request passes them. */
public enum Part {
    /** Cable and firmware: whether and when a request goes on. */
    LINK,
    /** The volatile write cache: what an acknowledged flush means. */
    CACHE,
    /** The platter: what bytes arrive and what bytes come back. */
    MEDIA
}
