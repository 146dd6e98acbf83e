# The initramfs and the form in which QEMU boots a kernel, both made once per kernel and kept.
# To be sourced after lib.sh and kernel.sh.
# shellcheck shell=bash

# What the first stage needs to reach the host's files, and ublk; all else is loaded from the full tree when asked for.
boot_modules=(virtio_pci virtio-rng virtio_console 9pnet_virtio 9p overlay ublk_drv)

build_initramfs() { # RELEASE MODULES-FOLDER TARGET-FILE
    local release=$1 modules=$2 target=$3 root file name
    root=$(mktemp -d "$cache_dir/making.XXXXXX")
    defer rm -rf "$root"
    mkdir -p "$root"/{bin,modules} "$root/base/lib/modules"
    cp "$(type -P busybox)" "$root/bin/busybox"
    cp "$vm_dir/guest/init" "$vm_dir/guest/second" "$root/"
    chmod 755 "$root/init"
    ln -s "$modules" "$root/base/lib/modules/$release"
    local each
    for each in "${boot_modules[@]}"; do
        modprobe -d "$root/base" -S "$release" --show-depends "$each" ||
            die "$vm_failed" "kernel $release has no module $each, which the VM needs. $kernel_remedy"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
        name=${file##*/}
        name=${name%%.ko*}.ko
        case $file in
            *.xz) xz -dc "$file" ;;
            *.zst) zstd -qdc "$file" ;;
            *.gz) gzip -dc "$file" ;;
            *) cat "$file" ;;
        esac >"$root/modules/$name"
        echo "$name" >>"$root/modules/order"
    done
    rm -r "$root/base"
    (cd "$root" && find . -mindepth 1 | cpio --quiet -o -H newc) >"$target.new"
    mv "$target.new" "$target"
    rm -rf "$root"
}

# The ELF kernel inside a bzImage, if it is packed with zstd and can be entered by PVH (as Debian's are):
# booting that saves an emulated processor a second of unpacking. Otherwise the image as it is.
unpack_image() { # VMLINUZ TARGET-FILE
    local image=$1 target=$2 setup_sects payload length
    setup_sects=$(od -An -tu1 -j $((0x1f1)) -N1 "$image")
    read -r payload length < <(od -An -tu4 -j $((0x248)) -N8 "$image")
    # The last four bytes of the payload are its unpacked size.
    if tail -c +$(((setup_sects + 1) * 512 + payload + 1)) "$image" | head -c $((length - 4)) |
        zstd -qdc >"$target.new" 2>/dev/null && has_pvh_entry "$target.new"; then
        mv "$target.new" "$target"
    else
        rm -f "$target.new"
        cp "$image" "$target"
    fi
}

# An ELF note of type 18 (XEN_ELFNOTE_PHYS32_ENTRY) with the name "Xen".
has_pvh_entry() { # ELF-FILE
    LC_ALL=C grep -qaP '\x04\0\0\0[\x04\x08]\0\0\0\x12\0\0\0Xen\0' "$1"
}

# Sets boot_kernel and boot_initramfs for the kernel that choose_kernel chose.
prepare_boot() {
    local key boot=$cache_dir/boot
    key=$({
        cat "$vm_dir/initramfs.sh" "$vm_dir/guest/init" "$vm_dir/guest/second" "$(type -P busybox)"
        echo "${boot_modules[*]}"
        stat -L -c '%n %s %Y' "$kernel_image" "$kernel_modules/modules.dep"
    } | sha256sum | cut -c1-16)
    boot_kernel=$boot/$kernel_release-$key.kernel
    boot_initramfs=$boot/$kernel_release-$key.initramfs
    if [[ ! -e $boot_initramfs ]]; then locked boot make_boot_files; fi
}

make_boot_files() {
    [[ ! -e $boot_initramfs ]] || return 0 # somebody else made them while we waited
    require depmod:kmod xz:xz-utils zstd:zstd cpio:cpio
    mkdir -p "${boot_initramfs%/*}"
    find "${boot_initramfs%/*}" -type f -mtime +30 -delete
    unpack_image "$kernel_image" "$boot_kernel"
    build_initramfs "$kernel_release" "$kernel_modules" "$boot_initramfs"
}
