package io.ublkdisk.protocol;

/** Which ublkdisk this is. */
public final class Version {
    /** The version of ublkdisk. */
    public static final String TEXT = "0.1.0";

    /** The version of the protocol. It becomes another one when a client and a server of different builds must not work together. */
    public static final int PROTOCOL = 2;

    /** The version of clients that do not send one, and of servers that do not know how to ask. */
    public static final int FIRST_PROTOCOL = 1;

    /**
     * Returns what to do when client and server speak different versions of the protocol.
     *
     * @param client the version of the client
     * @param server the version of the server
     * @param pid the process of the server
     */
    public static String mismatch(int client, int server, long pid) {
        return "the client speaks version " + client + " of the protocol, and the disk server (process " + pid
                + ") speaks version " + server + ": they are of different builds of ublkdisk; end the server, which"
                + " deletes its disks, and try again: kill " + pid;
    }

    private Version() {}
}
