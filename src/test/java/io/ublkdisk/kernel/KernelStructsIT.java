package io.ublkdisk.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Our offsets against the type information of the driver that is loaded: the compiler's answer for this very kernel. */
class KernelStructsIT {
    private static final Path BTF = Path.of("/sys/kernel/btf");

    private Btf driver;

    @Test
    void loadedDriverAgreesOnEveryOffset() throws Exception {
        Path vmlinux = BTF.resolve("vmlinux");
        Path module = BTF.resolve("ublk_drv");
        boolean builtIn = !Files.exists(module);
        assumeTrue(Files.exists(vmlinux), "this kernel keeps no type information (CONFIG_DEBUG_INFO_BTF)");
        driver = builtIn ? Btf.read(vmlinux, null) : Btf.read(module, vmlinux);

        assertThat(driver.size("ublksrv_ctrl_cmd")).isEqualTo(UblkCtrlCmd.BYTES);
        expect(UblkCtrlCmd.DEV_ID, "ublksrv_ctrl_cmd", "dev_id");
        expect(UblkCtrlCmd.QUEUE_ID, "ublksrv_ctrl_cmd", "queue_id");
        expect(UblkCtrlCmd.LEN, "ublksrv_ctrl_cmd", "len");
        expect(UblkCtrlCmd.ADDR, "ublksrv_ctrl_cmd", "addr");
        expect(UblkCtrlCmd.DATA, "ublksrv_ctrl_cmd", "data");
        expect(UblkCtrlCmd.DEV_PATH_LEN, "ublksrv_ctrl_cmd", "dev_path_len");

        assertThat(driver.size("ublksrv_ctrl_dev_info")).isEqualTo(UblkDevInfo.BYTES);
        expect(UblkDevInfo.NR_HW_QUEUES, "ublksrv_ctrl_dev_info", "nr_hw_queues");
        expect(UblkDevInfo.QUEUE_DEPTH, "ublksrv_ctrl_dev_info", "queue_depth");
        expect(UblkDevInfo.STATE, "ublksrv_ctrl_dev_info", "state");
        expect(UblkDevInfo.MAX_IO_BUF_BYTES, "ublksrv_ctrl_dev_info", "max_io_buf_bytes");
        expect(UblkDevInfo.DEV_ID, "ublksrv_ctrl_dev_info", "dev_id");
        expect(UblkDevInfo.UBLKSRV_PID, "ublksrv_ctrl_dev_info", "ublksrv_pid");
        expect(UblkDevInfo.FLAGS, "ublksrv_ctrl_dev_info", "flags");
        expect(UblkDevInfo.UBLKSRV_FLAGS, "ublksrv_ctrl_dev_info", "ublksrv_flags");
        expect(UblkDevInfo.OWNER_UID, "ublksrv_ctrl_dev_info", "owner_uid");
        expect(UblkDevInfo.OWNER_GID, "ublksrv_ctrl_dev_info", "owner_gid");

        assertThat(driver.size("ublksrv_io_desc")).isEqualTo(UblkIoDesc.BYTES);
        expect(UblkIoDesc.OP_FLAGS, "ublksrv_io_desc", "op_flags");
        expect(UblkIoDesc.START_SECTOR, "ublksrv_io_desc", "start_sector");
        expect(UblkIoDesc.ADDR, "ublksrv_io_desc", "addr");
        assertThat(driver.size("ublksrv_io_cmd")).isEqualTo(UblkIoCmd.BYTES);
        expect(UblkIoCmd.Q_ID, "ublksrv_io_cmd", "q_id");
        expect(UblkIoCmd.TAG, "ublksrv_io_cmd", "tag");
        expect(UblkIoCmd.RESULT, "ublksrv_io_cmd", "result");

        assertThat(driver.size("ublk_params"))
                .as("older drivers know the beginning")
                .isLessThanOrEqualTo(UblkParams.BYTES);
        int basic = driver.offset("ublk_params", "basic");
        int discard = driver.offset("ublk_params", "discard");
        int devt = driver.offset("ublk_params", "devt");
        expect(UblkParams.LEN, "ublk_params", "len");
        expect(UblkParams.TYPES, "ublk_params", "types");
        expect(UblkParams.ATTRS - basic, "ublk_param_basic", "attrs");
        expect(UblkParams.LOGICAL_BS_SHIFT - basic, "ublk_param_basic", "logical_bs_shift");
        expect(UblkParams.PHYSICAL_BS_SHIFT - basic, "ublk_param_basic", "physical_bs_shift");
        expect(UblkParams.IO_OPT_SHIFT - basic, "ublk_param_basic", "io_opt_shift");
        expect(UblkParams.IO_MIN_SHIFT - basic, "ublk_param_basic", "io_min_shift");
        expect(UblkParams.MAX_SECTORS - basic, "ublk_param_basic", "max_sectors");
        expect(UblkParams.CHUNK_SECTORS - basic, "ublk_param_basic", "chunk_sectors");
        expect(UblkParams.DEV_SECTORS - basic, "ublk_param_basic", "dev_sectors");
        expect(UblkParams.VIRT_BOUNDARY_MASK - basic, "ublk_param_basic", "virt_boundary_mask");
        expect(UblkParams.DISCARD_ALIGNMENT - discard, "ublk_param_discard", "discard_alignment");
        expect(UblkParams.DISCARD_GRANULARITY - discard, "ublk_param_discard", "discard_granularity");
        expect(UblkParams.MAX_DISCARD_SECTORS - discard, "ublk_param_discard", "max_discard_sectors");
        expect(UblkParams.MAX_WRITE_ZEROES_SECTORS - discard, "ublk_param_discard", "max_write_zeroes_sectors");
        expect(UblkParams.MAX_DISCARD_SEGMENTS - discard, "ublk_param_discard", "max_discard_segments");
        expect(UblkParams.CHAR_MAJOR - devt, "ublk_param_devt", "char_major");
        expect(UblkParams.CHAR_MINOR - devt, "ublk_param_devt", "char_minor");
        expect(UblkParams.DISK_MAJOR - devt, "ublk_param_devt", "disk_major");
        expect(UblkParams.DISK_MINOR - devt, "ublk_param_devt", "disk_minor");
        if (driver.has("ublk_param_segment")) { // Linux 6.15
            expect(UblkParams.DMA_ALIGNMENT, "ublk_params", "dma");
            expect(0, "ublk_param_dma_align", "alignment");
            int segment = driver.offset("ublk_params", "seg");
            expect(UblkParams.SEG_BOUNDARY_MASK - segment, "ublk_param_segment", "seg_boundary_mask");
            expect(UblkParams.MAX_SEGMENT_SIZE - segment, "ublk_param_segment", "max_segment_size");
            expect(UblkParams.MAX_SEGMENTS - segment, "ublk_param_segment", "max_segments");
        }
        int zoned = driver.offset("ublk_params", "zoned");
        expect(UblkParams.MAX_OPEN_ZONES - zoned, "ublk_param_zoned", "max_open_zones");
        expect(UblkParams.MAX_ACTIVE_ZONES - zoned, "ublk_param_zoned", "max_active_zones");
        expect(UblkParams.MAX_ZONE_APPEND_SECTORS - zoned, "ublk_param_zoned", "max_zone_append_sectors");
        if (driver.has("ublk_param_integrity")) { // Linux 7.0
            int integrity = driver.offset("ublk_params", "integrity");
            expect(UblkParams.INTEGRITY_FLAGS - integrity, "ublk_param_integrity", "flags");
            expect(UblkParams.INTERVAL_EXP - integrity, "ublk_param_integrity", "interval_exp");
            expect(UblkParams.METADATA_SIZE - integrity, "ublk_param_integrity", "metadata_size");
            expect(UblkParams.PI_OFFSET - integrity, "ublk_param_integrity", "pi_offset");
            expect(UblkParams.CSUM_TYPE - integrity, "ublk_param_integrity", "csum_type");
            expect(UblkParams.TAG_SIZE - integrity, "ublk_param_integrity", "tag_size");
        }
        if (driver.has("ublk_batch_io")) { // Linux 7.0
            assertThat(driver.size("ublk_batch_io")).isEqualTo(UblkBatchIo.BYTES);
            expect(UblkBatchIo.Q_ID, "ublk_batch_io", "q_id");
            expect(UblkBatchIo.FLAGS, "ublk_batch_io", "flags");
            expect(UblkBatchIo.NR_ELEM, "ublk_batch_io", "nr_elem");
            expect(UblkBatchIo.ELEM_BYTES, "ublk_batch_io", "elem_bytes");
            assertThat(driver.size("ublk_elem_header")).isEqualTo(UblkElemHeader.BYTES);
            expect(UblkElemHeader.TAG, "ublk_elem_header", "tag");
            expect(UblkElemHeader.BUF_INDEX, "ublk_elem_header", "buf_index");
            expect(UblkElemHeader.RESULT, "ublk_elem_header", "result");
        }
    }

    private void expect(int ours, String struct, String member) {
        assertThat(ours).as(struct + "." + member).isEqualTo(driver.offset(struct, member));
    }
}
