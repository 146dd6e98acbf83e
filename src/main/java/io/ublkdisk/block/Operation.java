package io.ublkdisk.block;

/**
 * What the kernel asks a disk to do. The words are the block layer's own ({@code UBLK_IO_OP_*} in {@code
 * include/uapi/linux/ublk_cmd.h}); what only a zoned drive is asked is in {@link ZonedBackend}.
 */
public enum Operation {
    /** Fill {@link Request#data()} from the disk. */
    READ("read"),
    /** Put {@link Request#data()} on the disk; with {@link Request#fua()} durable before it completes. */
    WRITE("write"),
    /** Make durable every write acknowledged before this request arrived. Has no sectors. */
    FLUSH("flush"),
    /** The range is no longer needed; reads of it may answer anything, and ours answer zeroes. Has no data. */
    DISCARD("discard"),
    /** The range reads as zeroes from now on. Has no data. */
    WRITE_ZEROES("write-zeroes");

    private final String word;

    Operation(String word) {
        this.word = word;
    }

    /** Returns the word of the fault language, for instance {@code write-zeroes}. */
    public String word() {
        return word;
    }

    /**
     * Returns the one of that {@link #word}.
     *
     * @throws IllegalArgumentException for a word that is none of theirs
     */
    public static Operation named(String word) {
        for (Operation operation : values()) {
            if (operation.word.equals(word)) {
                return operation;
            }
        }
        throw new IllegalArgumentException(
                "'" + word + "' is no operation; there are read, write, flush, discard and" + " write-zeroes");
    }

    /** Returns whether the request carries {@link Request#data()}. */
    public boolean hasData() {
        return this == READ || this == WRITE;
    }

    /** Returns whether the request changes what is on the disk. */
    public boolean changesMedia() {
        return this == WRITE || this == DISCARD || this == WRITE_ZEROES;
    }
}
