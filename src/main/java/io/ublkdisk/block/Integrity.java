package io.ublkdisk.block;

/**
 * What a disk keeps beside each logical block, as {@code struct ublk_param_integrity} of {@code linux/ublk_cmd.h} has it.
 *
 * @param metadataBytes for each logical block, 1 to 255
 * @param piOffset where in them the protection information begins
 * @param checksum what that is made of
 * @param tagBytes bytes of them for the program
 * @param capable whether the disk itself checks what is written to it
 * @param referenceTag whether the protection information names its block
 */
public record Integrity(
        int metadataBytes, int piOffset, Checksum checksum, int tagBytes, boolean capable, boolean referenceTag) {

    /** The usual: a CRC-16 guard, 2 bytes for the program, and a reference tag. */
    public static final Integrity T10DIF = new Integrity(8, 0, Checksum.CRC16_T10DIF, 0, true, true);

    /** {@code LBMD_PI_CSUM_*} of {@code linux/fs.h}. */
    public enum Checksum {
        /** No protection information: the metadata are the program's own. */
        NONE(0, 0),
        /** The checksum of the Internet protocol. */
        IP(1, 8),
        /** The CRC of T10 DIF, 16 bits. */
        CRC16_T10DIF(2, 8),
        /** The CRC of NVMe, 64 bits. */
        CRC64_NVME(4, 16);

        private final int number;
        private final int tupleBytes;

        Checksum(int number, int tupleBytes) {
            this.number = number;
            this.tupleBytes = tupleBytes;
        }

        /** Returns the kernel's number for it. */
        public int number() {
            return number;
        }

        /** Returns how long the protection information is. */
        public int tupleBytes() {
            return tupleBytes;
        }
    }
}
