# Kernels whose ublk driver is known to be broken: the list that the server reads too. To be sourced by bash; needs nothing.
# shellcheck shell=bash

faulty_kernels=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../src/main/resources/io/ublkdisk/kernel/faulty-kernels

# What is wrong with the driver of a kernel that is refused; nothing where none is known, or where the user allows it.
kernel_refusal() { # RELEASE
    local verdict releases what
    [[ ${UBLKDISK_ALLOW_FAULTY_KERNEL:-} != true ]] || return 0
    while read -r verdict releases what; do
        if [[ $verdict == [a-z]* && $1 =~ ^($releases)$ ]]; then
            [[ $verdict != refuse ]] || echo "$what"
            return 0
        fi
    done <"$faulty_kernels"
}
