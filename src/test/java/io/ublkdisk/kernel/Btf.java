package io.ublkdisk.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the running kernel itself says of its structs: the type information (BTF) that it keeps of itself and of each module in
 * {@code /sys/kernel/btf}. Read here: the size of every struct, and the offset of every member that is no bit field.
 * Format: {@code Documentation/bpf/btf.rst}.
 */
final class Btf {
    private static final int HEADER_BYTES = 24;
    private static final int KIND_STRUCT = 4;

    /** How many bytes follow the 12 of a type; per element for those that have some. By kind, from 0. */
    private static final int[] FIXED_BYTES = {0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0};

    private static final int[] ELEMENT_BYTES = {0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12};

    private final Map<String, Integer> sizes = new HashMap<>();
    private final Map<String, Integer> offsets = new HashMap<>();

    private Btf() {}

    /** @param base the kernel's own, with whose strings those of every module begin; null to read the kernel's own */
    static Btf read(Path file, Path base) throws IOException {
        ByteBuffer btf = load(file);
        Strings names = base == null ? new Strings(null, btf) : new Strings(new Strings(null, load(base)), btf);
        int types = HEADER_BYTES + btf.getInt(8);
        int typesEnd = types + btf.getInt(12);
        Btf result = new Btf();
        for (int at = types; at < typesEnd; ) {
            int info = btf.getInt(at + 4);
            int kind = info >>> 24 & 0x1f;
            int elements = info & 0xffff;
            if (kind == KIND_STRUCT) {
                boolean packsBitFields = info < 0;
                String struct = names.at(btf.getInt(at));
                result.sizes.put(struct, btf.getInt(at + 8));
                for (int i = 0; i < elements; i++) {
                    int member = at + 12 + i * 12;
                    int bits = btf.getInt(member + 8) & (packsBitFields ? 0xff_ffff : -1);
                    result.offsets.put(struct + "." + names.at(btf.getInt(member)), bits / 8);
                }
            }
            at += 12 + FIXED_BYTES[kind] + elements * ELEMENT_BYTES[kind];
        }
        return result;
    }

    boolean has(String struct) {
        return sizes.containsKey(struct);
    }

    int size(String struct) {
        return sizes.get(struct);
    }

    int offset(String struct, String member) {
        Integer offset = offsets.get(struct + "." + member);
        if (offset == null) {
            throw new AssertionError("this kernel's struct " + struct + " has no member " + member);
        }
        return offset;
    }

    private static ByteBuffer load(Path file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
    }

    /** The string section of a file, numbered on from the end of its base. */
    private static final class Strings {
        private final Strings base;
        private final ByteBuffer btf;
        private final int begin;
        private final int first;
        private final int end;

        Strings(Strings base, ByteBuffer btf) {
            this.base = base;
            this.btf = btf;
            this.begin = HEADER_BYTES + btf.getInt(16);
            this.first = base == null ? 0 : base.end;
            this.end = first + btf.getInt(20);
        }

        String at(int offset) {
            if (offset < first) {
                return base.at(offset);
            }
            int from = begin + offset - first;
            int to = from;
            while (btf.get(to) != 0) {
                to++;
            }
            return new String(btf.array(), from, to - from, StandardCharsets.UTF_8);
        }
    }
}
