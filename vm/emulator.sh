# QEMU: the machine's own, or a newer one where that one cannot be trusted to emulate several processors.
# To be sourced after archive.sh.
#
# Before 8.1, an emulated processor may run a piece of code that another one is just changing. Linux changes its own code
# when a static key flips, and then dies of a stray int3 (one boot in some twenty-five on a busy machine); a JVM changes
# its code all the time, and dies of SIGILL. So an older QEMU emulates its processors one after the other, unless the
# archive has a newer one for this release (its backports), which is then unpacked into the cache, and not installed.
#
#   qemu/unpacked/   usr/bin/qemu-system-x86_64, usr/share/qemu; empty where the archive has none
# shellcheck shell=bash

# Whether this QEMU locks a page while it translates it.
emulates_in_parallel() { # QEMU-BINARY
    local version
    version=$("$1" --version 2>/dev/null | awk 'NR == 1 { print $4 }')
    [[ $(printf '%s\n' 8.1 "$version" | sort -V | head -n 1) == 8.1 ]]
}

# Sets `qemu` (an array) and `emulation` for a machine that is emulated.
choose_emulator() {
    qemu=(qemu-system-x86_64)
    emulation=tcg,thread=multi
    if emulates_in_parallel "${qemu[0]}"; then return 0; fi
    local newer=$cache_dir/qemu/unpacked
    if [[ ! -e $newer ]] && type -P apt-get dpkg-deb >/dev/null; then locked qemu fetch_newer_qemu "$newer"; fi
    if [[ -x $newer/usr/bin/qemu-system-x86_64 ]]; then
        # Its firmware is the installed one's.
        qemu=("$newer/usr/bin/qemu-system-x86_64" -L "$newer/usr/share/qemu" -L /usr/share/seabios)
    else
        emulation=tcg,thread=single
    fi
}

fetch_newer_qemu() { # TARGET-FOLDER
    local target=$1 making VERSION_CODENAME=
    [[ ! -e $target ]] || return 0 # somebody else made it while we waited
    # shellcheck source=/dev/null
    source /etc/os-release
    making=$(mktemp -d "$cache_dir/making.XXXXXX")
    defer rm -rf "$making"
    say "looking in this machine's package archive for a QEMU that emulates several processors in parallel"
    if make_apt_root "$making/apt" "$VERSION_CODENAME-backports" &&
        unpack_packages "$making/apt" "$making/unpacked" qemu-system-x86 qemu-system-data 2>"$making/log" &&
        emulates_in_parallel "$making/unpacked/usr/bin/qemu-system-x86_64"; then
        say "unpacked $("$making/unpacked/usr/bin/qemu-system-x86_64" --version | head -n 1)"
    else
        say "there is none: processors will be emulated one after the other"
        rm -rf "$making/unpacked"
        mkdir "$making/unpacked"
    fi
    mkdir -p "${target%/*}"
    mv "$making/unpacked" "$target"
}
