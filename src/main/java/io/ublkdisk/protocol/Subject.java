package io.ublkdisk.protocol;

/** What a group of verbs is about. */
public enum Subject {
    SESSION("Connection and server"),
    LIFE("The life of a disk"),
    MOUNT("Filesystems"),
    RULES("Rules and scripts"),
    POWER("Power"),
    JOURNAL("Journal and marks"),
    CONTENTS("Contents"),
    CRASH("Recordings and crash states");

    private final String title;

    Subject(String title) {
        this.title = title;
    }

    /** Returns the heading of the group. */
    public String title() {
        return title;
    }
}
