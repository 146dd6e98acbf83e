# The initramfs and the form in which QEMU boots a kernel, both made once per kernel and kept.
# To be sourced after lib.sh and kernel.sh.
# shellcheck shell=bash

# What the first stage needs to reach the host's files, and ublk; all else is loaded from the full tree when asked for.
boot_modules=(virtio_pci virtio-rng virtio_console 9pnet_virtio 9p overlay ublk_drv)

# The scripts that the guest boots with.
guest_scripts=("$vm_dir"/guest/{init,inside,lib,names,place,prepare,requests,second,serve})

build_initramfs() { # RELEASE MODULES-FOLDER TARGET-FILE
    local release=$1 modules=$2 target=$3 root file name
    root=$(mktemp -d "$cache_dir/making.XXXXXX")
    defer rm -rf "$root"
    mkdir -p "$root"/{bin,modules} "$root/base/lib/modules"
    cp "$(type -P busybox)" "$root/bin/busybox"
    cp "${guest_scripts[@]}" "$root/"
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
    (cd "$root" && find . -mindepth 1 | cpio --quiet -o -H newc) >"$target"
    rm -rf "$root"
}

# The ELF kernel inside a bzImage, if it is packed with zstd and can be entered by PVH (as Debian's are):
# booting that saves an emulated processor a second of unpacking. Otherwise the image as it is.
unpack_image() { # VMLINUZ TARGET-FILE
    local image=$1 target=$2 setup_sects payload length
    setup_sects=$(od -An -tu1 -j $((0x1f1)) -N1 "$image")
    read -r payload length < <(od -An -tu4 -j $((0x248)) -N8 "$image")
    # The last four bytes of the payload are its unpacked size.
    head -c $(((setup_sects + 1) * 512 + payload + length - 4)) "$image" |
        tail -c $((length - 4)) | zstd -qdc >"$target" 2>/dev/null || true
    has_pvh_entry "$target" || cp "$image" "$target"
}

# An ELF note of type 18 (XEN_ELFNOTE_PHYS32_ENTRY) with the name "Xen".
has_pvh_entry() { # ELF-FILE
    LC_ALL=C grep -qaP '\x04\0\0\0[\x04\x08]\0\0\0\x12\0\0\0Xen\0' "$1"
}

# Sets boot_kernel and boot_initramfs for the kernel that choose_kernel chose.
prepare_boot() {
    local key boot
    key=$({
        cat "$vm_dir/initramfs.sh" "${guest_scripts[@]}" "$(type -P busybox)"
        stat -L -c '%n %s %Y' "$kernel_image" "$kernel_modules/modules.dep"
    } | sha256sum | cut -c1-16)
    boot=$cache_dir/boot/$kernel_release-$key
    boot_kernel=$boot/kernel
    boot_initramfs=$boot/initramfs
    if [[ ! -e $boot ]]; then locked boot make_boot_files "$boot"; fi
    touch -c "$boot" # it is in use; see make_boot_files
}

make_boot_files() { # FOLDER
    local boot=$1 making
    [[ ! -e $boot ]] || return 0 # somebody else made them while we waited
    mkdir -p "${boot%/*}"
    find "${boot%/*}" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} +
    making=$(mktemp -d "$cache_dir/making.XXXXXX")
    defer rm -rf "$making"
    unpack_image "$kernel_image" "$making/kernel"
    build_initramfs "$kernel_release" "$kernel_modules" "$making/initramfs"
    mv "$making" "$boot"
}
