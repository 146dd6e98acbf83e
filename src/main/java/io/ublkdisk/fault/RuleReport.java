package io.ublkdisk.fault;

/**
 * A rule of a disk and what it has done so far.
 *
 * @param text its canonical form in the fault language
 * @param matched requests that were in its scope
 * @param fired requests that it changed
 */
public record RuleReport(String name, long matched, long fired, String text) {}
