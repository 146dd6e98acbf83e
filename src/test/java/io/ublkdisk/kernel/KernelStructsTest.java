package io.ublkdisk.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ublkdisk.block.Zone;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our offsets and command words against what the C compiler makes of the kernel headers installed here. The parts of the ublk
 * structs that those headers are too old for are compared on a device's kernel, by {@code KernelStructsIT}.
 */
class KernelStructsTest {
    @TempDir
    Path folder;

    private final CStructs compiler = new CStructs();
    private final Map<String, Long> ours = new LinkedHashMap<>();

    @Test
    void compilerAgreesOnEveryOffset() throws Exception {
        assumeTrue(CStructs.available(), "needs a C compiler (cc) and linux/ublk_cmd.h: apt-get install gcc libc6-dev");
        size("ublksrv_ctrl_cmd", UblkCtrlCmd.BYTES);
        offset("ublksrv_ctrl_cmd", "dev_id", UblkCtrlCmd.DEV_ID);
        offset("ublksrv_ctrl_cmd", "queue_id", UblkCtrlCmd.QUEUE_ID);
        offset("ublksrv_ctrl_cmd", "len", UblkCtrlCmd.LEN);
        offset("ublksrv_ctrl_cmd", "addr", UblkCtrlCmd.ADDR);
        offset("ublksrv_ctrl_cmd", "data", UblkCtrlCmd.DATA);
        size("ublksrv_ctrl_dev_info", UblkDevInfo.BYTES);
        offset("ublksrv_ctrl_dev_info", "nr_hw_queues", UblkDevInfo.NR_HW_QUEUES);
        offset("ublksrv_ctrl_dev_info", "queue_depth", UblkDevInfo.QUEUE_DEPTH);
        offset("ublksrv_ctrl_dev_info", "state", UblkDevInfo.STATE);
        offset("ublksrv_ctrl_dev_info", "max_io_buf_bytes", UblkDevInfo.MAX_IO_BUF_BYTES);
        offset("ublksrv_ctrl_dev_info", "dev_id", UblkDevInfo.DEV_ID);
        offset("ublksrv_ctrl_dev_info", "ublksrv_pid", UblkDevInfo.UBLKSRV_PID);
        offset("ublksrv_ctrl_dev_info", "flags", UblkDevInfo.FLAGS);
        offset("ublksrv_ctrl_dev_info", "ublksrv_flags", UblkDevInfo.UBLKSRV_FLAGS);
        size("ublksrv_io_desc", UblkIoDesc.BYTES);
        offset("ublksrv_io_desc", "op_flags", UblkIoDesc.OP_FLAGS);
        offset("ublksrv_io_desc", "nr_sectors", UblkIoDesc.NR_SECTORS);
        offset("ublksrv_io_desc", "start_sector", UblkIoDesc.START_SECTOR);
        offset("ublksrv_io_desc", "addr", UblkIoDesc.ADDR);
        size("ublksrv_io_cmd", UblkIoCmd.BYTES);
        offset("ublksrv_io_cmd", "q_id", UblkIoCmd.Q_ID);
        offset("ublksrv_io_cmd", "tag", UblkIoCmd.TAG);
        offset("ublksrv_io_cmd", "result", UblkIoCmd.RESULT);
        offset("ublksrv_io_cmd", "addr", UblkIoCmd.ADDR);
        offset("ublk_params", "len", UblkParams.LEN);
        offset("ublk_params", "types", UblkParams.TYPES);
        offset("ublk_params", "basic.attrs", UblkParams.ATTRS);
        offset("ublk_params", "basic.logical_bs_shift", UblkParams.LOGICAL_BS_SHIFT);
        offset("ublk_params", "basic.physical_bs_shift", UblkParams.PHYSICAL_BS_SHIFT);
        offset("ublk_params", "basic.io_opt_shift", UblkParams.IO_OPT_SHIFT);
        offset("ublk_params", "basic.io_min_shift", UblkParams.IO_MIN_SHIFT);
        offset("ublk_params", "basic.max_sectors", UblkParams.MAX_SECTORS);
        offset("ublk_params", "basic.chunk_sectors", UblkParams.CHUNK_SECTORS);
        offset("ublk_params", "basic.dev_sectors", UblkParams.DEV_SECTORS);
        offset("ublk_params", "basic.virt_boundary_mask", UblkParams.VIRT_BOUNDARY_MASK);
        offset("ublk_params", "discard.discard_alignment", UblkParams.DISCARD_ALIGNMENT);
        offset("ublk_params", "discard.discard_granularity", UblkParams.DISCARD_GRANULARITY);
        offset("ublk_params", "discard.max_discard_sectors", UblkParams.MAX_DISCARD_SECTORS);
        offset("ublk_params", "discard.max_write_zeroes_sectors", UblkParams.MAX_WRITE_ZEROES_SECTORS);
        offset("ublk_params", "discard.max_discard_segments", UblkParams.MAX_DISCARD_SEGMENTS);
        size("io_uring_sqe", Sqe.BYTES);
        offset("io_uring_sqe", "opcode", Sqe.OPCODE);
        offset("io_uring_sqe", "flags", Sqe.SQE_FLAGS);
        offset("io_uring_sqe", "fd", Sqe.FD);
        offset("io_uring_sqe", "cmd_op", Sqe.CMD_OP);
        offset("io_uring_sqe", "addr", Sqe.ADDR);
        offset("io_uring_sqe", "len", Sqe.LEN);
        offset("io_uring_sqe", "user_data", Sqe.USER_DATA);
        offset("io_uring_sqe", "cmd", Sqe.CMD);
        offset("io_uring_sqe", "rw_flags", Sqe.URING_CMD_FLAGS);
        offset("io_uring_sqe", "off", Sqe.CMD_OP);
        offset("io_uring_sqe", "buf_index", Sqe.BUF_INDEX);
        size("blk_zone", BlkZone.BYTES);
        offset("blk_zone", "start", BlkZone.START);
        offset("blk_zone", "len", BlkZone.LEN);
        offset("blk_zone", "wp", BlkZone.WP);
        offset("blk_zone", "type", BlkZone.TYPE);
        offset("blk_zone", "cond", BlkZone.COND);
        offset("blk_zone", "capacity", BlkZone.CAPACITY);
        size("io_uring_cqe", Cqe.BYTES);
        offset("io_uring_cqe", "user_data", Cqe.USER_DATA);
        offset("io_uring_cqe", "res", Cqe.RES);
        offset("io_uring_cqe", "flags", Cqe.CQE_FLAGS);
        size("io_uring_params", IoUringParams.BYTES);
        offset("io_uring_params", "sq_entries", IoUringParams.SQ_ENTRIES);
        offset("io_uring_params", "cq_entries", IoUringParams.CQ_ENTRIES);
        offset("io_uring_params", "flags", IoUringParams.FLAGS);
        offset("io_uring_params", "features", IoUringParams.FEATURES);
        offset("io_uring_params", "sq_off.head", IoUringParams.SQ_HEAD);
        offset("io_uring_params", "sq_off.tail", IoUringParams.SQ_TAIL);
        offset("io_uring_params", "sq_off.ring_mask", IoUringParams.SQ_RING_MASK);
        offset("io_uring_params", "sq_off.array", IoUringParams.SQ_ARRAY);
        offset("io_uring_params", "cq_off.head", IoUringParams.CQ_HEAD);
        offset("io_uring_params", "cq_off.tail", IoUringParams.CQ_TAIL);
        offset("io_uring_params", "cq_off.ring_mask", IoUringParams.CQ_RING_MASK);
        offset("io_uring_params", "cq_off.overflow", IoUringParams.CQ_OVERFLOW);
        offset("io_uring_params", "cq_off.cqes", IoUringParams.CQ_CQES);
        assertThat(compiler.answers(folder))
                .containsExactlyInAnyOrderEntriesOf(ours)
                .hasSizeGreaterThan(60);
    }

    @Test
    void compilerAgreesOnEveryCommandAndConstant() throws Exception {
        assumeTrue(CStructs.available(), "needs a C compiler (cc) and linux/ublk_cmd.h: apt-get install gcc libc6-dev");
        control("_IOR", "UBLK_CMD_GET_QUEUE_AFFINITY", UblkCommands.UBLK_U_CMD_GET_QUEUE_AFFINITY);
        control("_IOR", "UBLK_CMD_GET_DEV_INFO", UblkCommands.UBLK_U_CMD_GET_DEV_INFO);
        control("_IOWR", "UBLK_CMD_ADD_DEV", UblkCommands.UBLK_U_CMD_ADD_DEV);
        control("_IOWR", "UBLK_CMD_DEL_DEV", UblkCommands.UBLK_U_CMD_DEL_DEV);
        control("_IOWR", "UBLK_CMD_START_DEV", UblkCommands.UBLK_U_CMD_START_DEV);
        control("_IOWR", "UBLK_CMD_STOP_DEV", UblkCommands.UBLK_U_CMD_STOP_DEV);
        control("_IOWR", "UBLK_CMD_SET_PARAMS", UblkCommands.UBLK_U_CMD_SET_PARAMS);
        control("_IOR", "UBLK_CMD_GET_PARAMS", UblkCommands.UBLK_U_CMD_GET_PARAMS);
        // Newer than the header may be: only their numbers are ours.
        control("_IOR", "0x13", UblkCommands.UBLK_U_CMD_GET_FEATURES);
        control("_IOR", "0x14", UblkCommands.UBLK_U_CMD_DEL_DEV_ASYNC);
        word("(int) _IOWR('u', UBLK_IO_FETCH_REQ, struct ublksrv_io_cmd)", UblkCommands.UBLK_U_IO_FETCH_REQ);
        word(
                "(int) _IOWR('u', UBLK_IO_COMMIT_AND_FETCH_REQ, struct ublksrv_io_cmd)",
                UblkCommands.UBLK_U_IO_COMMIT_AND_FETCH_REQ);
        word("(int) _IOWR('u', UBLK_IO_NEED_GET_DATA, struct ublksrv_io_cmd)", UblkCommands.UBLK_U_IO_NEED_GET_DATA);
        word("UBLK_IO_RES_ABORT", UblkCommands.UBLK_IO_RES_ABORT);
        word("UBLK_IO_RES_NEED_GET_DATA", UblkCommands.UBLK_IO_RES_NEED_GET_DATA);
        word("UBLK_MAX_QUEUE_DEPTH", UblkCommands.UBLK_MAX_QUEUE_DEPTH);
        word("UBLK_IO_OP_WRITE_ZEROES", UblkIoDesc.UBLK_IO_OP_WRITE_ZEROES);
        word("UBLK_IO_OP_DISCARD", UblkIoDesc.UBLK_IO_OP_DISCARD);
        word("UBLK_IO_F_FUA", UblkIoDesc.UBLK_IO_F_FUA);
        word("UBLK_IO_F_META", UblkIoDesc.UBLK_IO_F_META);
        word("UBLK_IO_F_NOUNMAP", UblkIoDesc.UBLK_IO_F_NOUNMAP);
        word("UBLK_IO_F_SWAP", UblkIoDesc.UBLK_IO_F_SWAP);
        word("UBLK_ATTR_READ_ONLY", UblkParams.UBLK_ATTR_READ_ONLY);
        word("UBLK_ATTR_ROTATIONAL", UblkParams.UBLK_ATTR_ROTATIONAL);
        word("UBLK_ATTR_VOLATILE_CACHE", UblkParams.UBLK_ATTR_VOLATILE_CACHE);
        word("UBLK_ATTR_FUA", UblkParams.UBLK_ATTR_FUA);
        word("IORING_OP_URING_CMD", Sqe.IORING_OP_URING_CMD);
        word("IORING_OP_READ", Sqe.IORING_OP_READ);
        word("IOSQE_FIXED_FILE", Sqe.IOSQE_FIXED_FILE);
        word("IORING_OP_FSYNC", Sqe.IORING_OP_FSYNC);
        word("IORING_OP_READ_FIXED", Sqe.IORING_OP_READ_FIXED);
        word("IORING_OP_WRITE_FIXED", Sqe.IORING_OP_WRITE_FIXED);
        word("IORING_OP_FALLOCATE", Sqe.IORING_OP_FALLOCATE);
        word("IOSQE_BUFFER_SELECT", Sqe.IOSQE_BUFFER_SELECT);
        word("IORING_CQE_F_BUFFER", Cqe.IORING_CQE_F_BUFFER);
        word("IORING_CQE_F_MORE", Cqe.IORING_CQE_F_MORE);
        word("IORING_CQE_BUFFER_SHIFT", Cqe.IORING_CQE_BUFFER_SHIFT);
        word("BLK_ZONE_TYPE_SEQWRITE_REQ", BlkZone.BLK_ZONE_TYPE_SEQWRITE_REQ);
        word("BLK_ZONE_COND_IMP_OPEN", Zone.Condition.IMPLICIT_OPEN.number());
        word("BLK_ZONE_COND_OFFLINE", Zone.Condition.OFFLINE.number());
        word("IORING_SETUP_COOP_TASKRUN", IoUringParams.IORING_SETUP_COOP_TASKRUN);
        word("IORING_SETUP_SQE128", IoUringParams.IORING_SETUP_SQE128);
        word("IORING_SETUP_SINGLE_ISSUER", IoUringParams.IORING_SETUP_SINGLE_ISSUER);
        word("IORING_SETUP_DEFER_TASKRUN", IoUringParams.IORING_SETUP_DEFER_TASKRUN);
        word("IORING_FEAT_SINGLE_MMAP", IoUringParams.IORING_FEAT_SINGLE_MMAP);
        word("IORING_FEAT_EXT_ARG", IoUringParams.IORING_FEAT_EXT_ARG);
        assertThat(compiler.answers(folder))
                .containsExactlyInAnyOrderEntriesOf(ours)
                .hasSizeGreaterThan(30);
    }

    /** The driver's own arithmetic: {@code ublk_pos_to_hwq} and its kin. */
    @Test
    void dataOfARequestIsAtThePlaceOfItsQueueAndTag() {
        assertThat(UblkCommands.bufferOffset(0, 0)).isEqualTo(0x8000_0000L);
        assertThat(UblkCommands.bufferOffset(0, 1)).isEqualTo(0x8000_0000L + (32L << 20));
        assertThat(UblkCommands.bufferOffset(1, 0)).isEqualTo(0x8000_0000L + (1L << 41));
        assertThat(UblkCommands.bufferOffset(4095, 4095) - 0x8000_0000L >> 41).isEqualTo(4095);
        assertThat((UblkCommands.bufferOffset(4095, 4095) - 0x8000_0000L >> 25) & 0xffff)
                .isEqualTo(4095);
    }

    /** go-ublk 1: with offsets by the actual depth, every queue behind the first maps the first one's descriptors. */
    @Test
    void descriptorsOfAQueueBeginAtTheStrideOfTheDeepestQueue() {
        assertThat(UblkCommands.descriptorOffset(0, 24)).isZero();
        assertThat(UblkCommands.descriptorOffset(1, 24)).isEqualTo(98_304);
        assertThat(UblkCommands.descriptorOffset(4095, 24)).isEqualTo(4095L * 98_304);
        assertThat(UblkCommands.descriptorBytes(1, 24)).isEqualTo(4096);
        assertThat(UblkCommands.descriptorBytes(171, 24)).isEqualTo(8192);
        assertThat(UblkCommands.descriptorBytes(4096, 24)).isEqualTo(98_304);
    }

    private void size(String struct, long bytes) {
        compiler.ask(struct, "sizeof(struct " + struct + ")");
        ours.put(struct, bytes);
    }

    private void offset(String struct, String field, long offset) {
        compiler.ask(struct + "." + field, "offsetof(struct " + struct + ", " + field + ")");
        ours.put(struct + "." + field, offset);
    }

    private void control(String macro, String number, int word) {
        word("(int) " + macro + "('u', " + number + ", struct ublksrv_ctrl_cmd)", word);
    }

    private void word(String expression, int value) {
        String name = "w" + ours.size();
        compiler.ask(name, expression);
        ours.put(name, (long) value);
    }
}
