package io.ublkdisk.fault;

/**
 * A rule and what has become of it.
 *
 * @param text the rule as the fault language writes it
 * @param matched requests that were in its scope
 * @param fired how often it did something
 */
public record RuleReport(String name, String text, long matched, long fired) {}
