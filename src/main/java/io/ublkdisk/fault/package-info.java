/**
 * What goes wrong, when, and how often: rules as values, their counters, and the table that the data path asks.
 *
 * <pre>
 *   Rule  =  Scope            which requests: kinds, sectors, conditions
 *            Trigger          which of those: after, nth, every, sequence, probability, times
 *            Effect           what happens to one that it hits, and so in which part of the drive
 *            Lifetime         when it is over: for a time, until rewritten
 *
 *   Rules  (armed by name, mutable)  ── compiles ──▶  RuleTable (immutable)  ── decide(request) ──▶  Decision
 * </pre>
 */
package io.ublkdisk.fault;
