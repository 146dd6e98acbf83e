# Building and testing: what that needs on this machine, and how Maven is called. To be sourced after lib.sh.
# shellcheck shell=bash

build_requirements=(javac:default-jdk-headless mvn:maven)
test_requirements=(
    cc:gcc /usr/include/stdio.h:libc6-dev /usr/include/linux/ublk_cmd.h:linux-libc-dev # what C says of the kernel's structs
    mkfs.ext4:e2fsprogs mkfs.xfs:xfsprogs mkfs.btrfs:btrfs-progs mkfs.f2fs:f2fs-tools
    fio:fio setfattr:attr findmnt:util-linux blockdev:util-linux dmsetup:dmsetup
)

# What vm/bench measures with, and measures beside ours.
bench_requirements=(fio:fio dmsetup:dmsetup losetup:mount nbdkit:nbdkit nbd-client:nbd-client chrt:util-linux)

# The real device tests run on vm/java, which is the machine's own java where the machine's own kernel has ublk.
maven() { # ARG…
    (cd "$project_dir" && mvn --batch-mode --no-transfer-progress -Dublkdisk.jvm="$vm_dir/java/bin/java" "$@")
}
