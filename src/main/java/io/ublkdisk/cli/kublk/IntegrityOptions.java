package io.ublkdisk.cli.kublk;

import io.ublkdisk.block.Integrity;
import io.ublkdisk.block.Integrity.Checksum;
import picocli.CommandLine.Option;

/** What is kept beside each block. */
final class IntegrityOptions {
    /** The values of {@code --csum_type}, in kublk's spelling. */
    enum Type {
        IP(Checksum.IP),
        T10DIF(Checksum.CRC16_T10DIF),
        NVME(Checksum.CRC64_NVME);

        private final Checksum checksum;

        Type(Checksum checksum) {
            this.checksum = checksum;
        }
    }

    @Option(names = "--metadata_size", paramLabel = "BYTES", description = "Kept beside each block; 0 for nothing.")
    private int metadataBytes;

    @Option(names = "--integrity_capable", description = "The disk itself checks what is written.")
    private boolean capable;

    @Option(names = "--integrity_reftag", description = "The protection information names its block.")
    private boolean referenceTag;

    @Option(names = "--pi_offset", paramLabel = "BYTES", description = "Where the protection information begins.")
    private int offset;

    @Option(names = "--csum_type", paramLabel = "TYPE", description = "ip, t10dif or nvme.")
    private Type type;

    @Option(names = "--tag_size", paramLabel = "BYTES", description = "Of it that are anybody's.")
    private int tagBytes;

    /** Null for nothing. */
    Integrity integrity() {
        if (metadataBytes == 0) {
            if (capable || referenceTag || offset != 0 || type != null || tagBytes != 0) {
                throw new IllegalArgumentException("--metadata_size 0: what shall be kept beside a block needs a size");
            }
            return null;
        }
        Checksum checksum = type == null ? Checksum.NONE : type.checksum;
        return new Integrity(metadataBytes, offset, checksum, tagBytes, capable, referenceTag);
    }
}
