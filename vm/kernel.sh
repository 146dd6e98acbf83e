# A kernel that has ublk: which one, where it comes from, and what is made of it once.
# To be sourced after archive.sh.
#
# Where there is apt, the kernel is a Debian package of another suite than the machine's own; the newest wins.
#
#   kernels/RELEASE/     vmlinuz, release, modules/lib/modules/RELEASE/…; made under another name and then renamed
#   kernels/by-name/6.12 link to the newest 6.12 when it was first asked for
# shellcheck shell=bash

source "$vm_dir/faulty-kernels.sh"

# These lie uncompressed in the cached tree: a guest under emulation takes a second to unpack one like xfs.
hot_modules=(
    ublk_drv 9p 9pnet_virtio overlay virtio_pci virtio_console virtio-rng virtio_blk virtio_net
    ext4 crc32c_generic crc32c-cryptoapi crc32c-intel crc32c xfs btrfs f2fs vfat fuse
    loop null_blk brd nbd zram scsi_debug raid0 raid1
    dm-mod dm-flakey dm-delay dm-log-writes dm-dust dm-thin-pool dm-snapshot dm-crypt dm-integrity dm-verity
)

# Debian's suites that have such kernels, oldest first; what an archive lacks is passed over.
# Codenames before roles: mirrors are seen whose "stable-backports" is months behind their "trixie-backports".
kernel_suites="bookworm-backports trixie trixie-backports forky forky-backports stable-backports unstable"

# The series that we test with.
known_series="6.12 and 7"

kernel_remedy="Point UBLKDISK_KERNEL at a vmlinuz that has ublk (6.0 or newer, CONFIG_BLK_DEV_UBLK) and UBLKDISK_MODULES at its folder of modules (…/lib/modules/RELEASE)."

# The series from 6.0 on of which the archive has a kernel: "6.12, 7.3".
offered_series() { # ROOT
    private_apt "$1" apt-cache search --names-only '^linux-image-[0-9.]+.*-amd64$' |
        sed -nE 's/^linux-image-([0-9]+\.[0-9]+).*/\1/p' | awk '$1 >= 6' | sort -Vu | paste -sd, | sed 's/,/, /g'
}

# The newest image package of a series: "linux-image-6.12.107+deb13-amd64 6.12.107-1".
newest_image() { # ROOT SERIES
    local root=$1 series=$2 packages
    mapfile -t packages < <(
        private_apt "$root" apt-cache search --names-only "^linux-image-${series//./\\.}\\.[0-9].*-amd64\$" |
            awk '$1 !~ /-(cloud|rt)-/ { print $1 }'
    )
    ((${#packages[@]} == 0)) || private_apt "$root" apt-cache madison "${packages[@]}" | awk '{ print $1, $3 }' |
        sort -k2,2V | tail -n 1
}

# Downloads and unpacks the newest kernel of a series into FOLDER; its release is then in FOLDER/release.
unpack_newest() { # SERIES FOLDER
    local series=$1 folder=$2 root=$2/apt package version each
    say "looking for the newest $series kernel in this machine's package archive"
    make_apt_root "$root" "$kernel_suites" || die "$vm_failed" "apt here names no archive with a component main. $kernel_remedy"
    read -r package version < <(newest_image "$root" "$series") || {
        each=$(offered_series "$root")
        [[ $each ]] || die "$vm_failed" "this machine's package archive has no kernel that has ublk ($(tail -n 1 "$root/update.log")). $kernel_remedy"
        die "$usage_error" "no $series kernel in this machine's package archive, which has $each; known here: $known_series. $kernel_remedy"
    }
    # From 6.17 or so the package is cut into parts of one version.
    local parts=("$package=$version")
    for each in linux-base linux-binary linux-modules; do
        each+=${package#linux-image}
        [[ -z $(private_apt "$root" apt-cache madison "$each" 2>/dev/null) ]] || parts+=("$each=$version")
    done
    say "downloading $package $version (100 to 180 MB, once)"
    unpack_packages "$root" "$root/unpacked" "${parts[@]}" || die "$vm_failed" "could not download ${parts[*]}. $kernel_remedy"
    each=$(find "$root/unpacked" -type d -path '*lib/modules/*' -prune -print -quit)
    basename "$each" >"$folder/release"
    mkdir -p "$folder/modules/lib/modules"
    mv "$each" "$folder/modules/lib/modules/"
    mv "$(find "$root/unpacked" "$folder/modules" -name 'vmlinuz*' -type f -print -quit)" "$folder/vmlinuz"
    rm -rf "$root"
}

# Unpacks the hot modules and all they need, and indexes the tree again.
warm_modules() { # FOLDER RELEASE
    local base=$1/modules release=$2 module file
    depmod -b "$base" "$release"
    for module in "${hot_modules[@]}"; do
        modprobe -d "$base" -S "$release" --show-depends "$module" 2>/dev/null || true
    done | awk '$1 == "insmod" { print $2 }' | sort -u | while read -r file; do
        case $file in
            *.xz) xz -d "$file" ;;
            *.zst) zstd -q -d --rm "$file" ;;
            *.gz) gzip -d "$file" ;;
        esac
    done
    depmod -b "$base" "$release"
}

fetch_kernel() { # SERIES
    local series=$1 kernels=$cache_dir/kernels making release
    [[ ! -e $kernels/by-name/$series ]] || return 0 # somebody else made it while we waited
    making=$(mktemp -d "$cache_dir/making.XXXXXX")
    defer rm -rf "$making"
    unpack_newest "$series" "$making"
    release=$(<"$making/release")
    warm_modules "$making" "$release"
    mkdir -p "$kernels/by-name"
    chmod 755 "$making"
    [[ -d $kernels/$release ]] || mv "$making" "$kernels/$release"
    ln -sfn "../$release" "$kernels/by-name/$series"
}

# Refuses a release that is older than ublk.
check_age() { # RELEASE-OR-SERIES
    ((10#${1%%.*} >= 6)) || die "$usage_error" "kernel $1 is too old: ublk came with 6.0; known here: $known_series"
}

# Sets kernel_image, kernel_release and kernel_modules (a folder that holds lib/modules/RELEASE's content)
# for what the user asked for: a series like 6.12 or 7, or the path of a vmlinuz.
choose_kernel() { # SERIES-OR-PATH
    local wanted=$1
    if [[ $wanted =~ ^[0-9]+(\.[0-9]+)?$ ]]; then
        check_age "$wanted"
        if [[ ! -e $cache_dir/kernels/by-name/$wanted ]]; then
            type -P apt-get >/dev/null || die "$usage_error" "no apt here to fetch a $wanted kernel with. $kernel_remedy"
            locked kernels fetch_kernel "$wanted"
        fi
        local kernel
        kernel=$(readlink -f "$cache_dir/kernels/by-name/$wanted")
        kernel_image=$kernel/vmlinuz
        kernel_release=${kernel##*/}
        kernel_modules=$kernel/modules/lib/modules/$kernel_release
    else
        [[ -r $wanted ]] || die "$usage_error" "kernel '$wanted' is neither a series (known here: $known_series) nor a file that can be read. $kernel_remedy"
        kernel_image=$(readlink -f "$wanted")
        kernel_modules=$(readlink -f "${UBLKDISK_MODULES:-/nowhere}")
        [[ -r $kernel_modules/modules.dep ]] ||
            die "$usage_error" "UBLKDISK_MODULES='${UBLKDISK_MODULES:-}' is not a folder of modules with a modules.dep. $kernel_remedy"
        kernel_release=${kernel_modules##*/}
        [[ ! $kernel_release =~ ^[0-9]+\. ]] || check_age "$kernel_release"
    fi
    local refusal
    refusal=$(kernel_refusal "$kernel_release")
    [[ -z $refusal ]] || die "$usage_error" "kernel $kernel_release has a faulty ublk driver: $refusal. Choose another (--kernel 6.12, UBLKDISK_KERNEL=6.12); UBLKDISK_ALLOW_FAULTY_KERNEL=true boots this one all the same"
}
