package io.ublkdisk.control;

/** A setting of a disk has a value that it cannot have. The message can be had with another name for the setting. */
public final class SettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String key;
    private final String value;
    private final String problem;

    /**
     * @param key the setting, as the protocol calls it
     * @param problem what is wrong and what to write instead; follows the value
     */
    SettingException(String key, Object value, String problem) {
        super(key + " " + value + problem);
        this.key = key;
        this.value = value.toString();
        this.problem = problem;
    }

    /** Returns the name of the setting, as the protocol and the command line call it, for instance {@code block-size}. */
    public String key() {
        return key;
    }

    /** Returns the message for a place where the setting has that name: {@code logicalBlockSize = 1000 is not …}. */
    public String messageFor(String name) {
        return name + " = " + value + problem;
    }
}
