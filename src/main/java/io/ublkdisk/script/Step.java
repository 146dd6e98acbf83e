package io.ublkdisk.script;

/** One line of a script: what happens, and when. */
public record Step(StepTrigger moment, Command command) {

    /** As the language writes it. */
    @Override
    public String toString() {
        return moment.text() + command.text();
    }
}
