/**
 * The fault language: text to rules and back. One line, one rule; the same text in a file, an annotation, on the control
 * socket and in every message. The grammar is {@code docs/language.md}; printing is {@code toString} of the rule.
 */
package io.ublkdisk.script;
