package io.ublkdisk.script;

/** One line of a script: what happens, and when. */
public record Step(StepTrigger moment, StepAction command) {

    /** Returns it in the fault language. */
    @Override
    public String toString() {
        return moment.text() + command.text();
    }
}
