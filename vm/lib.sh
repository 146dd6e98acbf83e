# What every script of this folder shares: messages, requirements, clean-up, the cache.
# To be sourced by bash, never run.
# shellcheck shell=bash

set -o errexit -o nounset -o pipefail

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
project_dir=$(dirname "$vm_dir")
# shellcheck disable=SC2034  # for the scripts that source this
cache_dir=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ublkdisk

# A VM that could not do its work; no command's own exit status means this to us.
vm_failed=70
usage_error=2

# Where mkfs, modprobe and the like are, here and in the guest; a user's PATH may lack them.
[[ :$PATH: == *:/usr/sbin:* ]] || PATH=$PATH:/usr/sbin:/sbin

say() { printf 'ublkdisk vm: %s\n' "$*" >&2; }

# What is worth knowing, and no error.
note() { [[ ${UBLKDISK_VM_QUIET:-} ]] || say "$@"; }

die() { # STATUS MESSAGE…
    local status=$1
    shift
    say "$*"
    exit "$status"
}

# --- Clean-up: a stack of argument vectors, run last in, first out, however the script ends.

cleanups=()

defer() { # COMMAND ARG…
    local quoted
    printf -v quoted '%q ' "$@"
    cleanups=("$quoted" "${cleanups[@]}")
}

run_cleanups() {
    local each pending=("${cleanups[@]}")
    cleanups=()
    for each in "${pending[@]}"; do eval "$each" || true; done
}

trap run_cleanups EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# --- Requirements: "command:package" or "/file:package" words, declared where they are needed.

missing_packages() { # COMMAND-OR-FILE:PACKAGE…
    local each
    for each in "$@"; do
        case $each in
            /*) [[ -e ${each%%:*} ]] ;;
            *) type -P "${each%%:*}" >/dev/null ;;
        esac || echo "${each#*:}"
    done | sort -u
}

# Installs what is missing where that needs nobody's leave (root, and a machine with apt);
# elsewhere prints the one line that does it.
require() { # COMMAND-OR-FILE:PACKAGE…
    local missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    local line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    type -P apt-get >/dev/null || die "$usage_error" "missing here: ${missing[*]} (Debian's names); install them with this machine's package manager"
    ((EUID == 0)) || die "$usage_error" "missing here: ${missing[*]}. As root: $line"
    say "installing ${missing[*]}"
    local log
    log=$(mktemp)
    defer rm -f "$log"
    {
        apt-get -qq -o DPkg::Lock::Timeout=300 update || say "apt-get update failed; trying with the lists there are"
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
            install --no-install-recommends "${missing[@]}"
    } >"$log" 2>&1 </dev/null || {
        tail -n 40 "$log" >&2
        die "$vm_failed" "could not install ${missing[*]}; try: $line"
    }
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} == 0)) || die "$vm_failed" "installed, and still not there: ${missing[*]}"
}

# Runs a command while holding the named lock, so that two scripts never build the same thing.
locked() { # NAME COMMAND ARG…
    local name=$1 fd
    shift
    mkdir -p "$cache_dir"
    exec {fd}>"$cache_dir/$name.lock"
    flock -w 1800 "$fd" || die "$vm_failed" "waited half an hour for the lock $cache_dir/$name.lock"
    # What somebody was making when he was killed.
    find "$cache_dir" -maxdepth 1 -name 'making.*' -mmin +120 -exec rm -rf {} +
    "$@"
    exec {fd}>&-
}
