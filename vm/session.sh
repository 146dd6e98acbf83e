# A session: one command, in a machine of its own or in one that is kept, and what joins it to its caller.
# To be sourced after lib.sh.
#
#   stdin  ── dd ─▶ in.fifo ─▶ QEMU ─▶ port in         guest/0/   what the guest reads: see write_job
#   stdout ◀─ dd ── out.fifo ◀─ QEMU ◀─ port out       console    the guest's serial line
#   stderr ◀─ dd ── err.fifo ◀─ QEMU ◀─ port err       qemu.log   QEMU's own words
#   end    ◀─────── ctl.fifo ◀─ QEMU ◀─ port ctl       lock       held for as long as a process of the session lives
#
# In a VM that is kept these are in its folder jobs/ID, and life.fifo beside them: see kept.sh.
#
# QEMU makes its descriptors non-blocking, which would hit everybody who shares ours: hence the pumps. dd is the pump
# that can say, on SIGUSR1, how many bytes it has passed on. With a terminal, QEMU has it for itself.
# shellcheck shell=bash

source "$vm_dir/archive.sh"
source "$vm_dir/kernel.sh"
source "$vm_dir/initramfs.sh"
source "$vm_dir/emulator.sh"
source "$vm_dir/machine.sh"
source "$vm_dir/network.sh"
source "$vm_dir/kept.sh"

# A child that dies with us, even when we are killed with SIGKILL. It opens its pipes itself, after that.
child() { # COMMAND ARG…
    exec setpriv --pdeathsig KILL "$@"
}

# Kills a child, if it still runs, and takes its leave.
end() { # PID
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

runs() { # PID
    kill -0 "$1" 2>/dev/null
}

# Removes the folders of launchers that were killed.
sweep_sessions() { # PARENT
    local each fd
    for each in "$1"/ublkdisk-vm.*/; do
        [[ -O $each && -e $each/lock ]] || continue
        exec {fd}<"$each/lock"
        if flock -n "$fd"; then rm -rf "$each"; fi
        exec {fd}<&-
    done
}

# Whether the process that started us has gone.
orphaned() {
    local parent
    read -r _ _ _ parent _ <"/proc/$$/stat"
    ((parent != PPID))
}

# Waits until a pump has passed on so many bytes, or is gone because its reader is.
drained() { # PUMP-PID REPORT-FILE BYTES
    local pump=$1 report=$2 bytes=$3
    while runs "$pump"; do
        kill -USR1 "$pump" 2>/dev/null || return 0
        sleep 0.02
        [[ $(awk '/copied/ { n = $1 } END { print n + 0 }' "$report") -lt $bytes ]] || return 0
    done
}

# The last lines of a machine that failed, on stderr.
tell_console() { # JOB-FOLDER
    local each
    sleep 0.2 # for its last words to arrive
    for each in console qemu.log; do
        [[ ! -s $1/$each ]] || tail -n 80 "$1/$each" | tr -d '\r' | sed "s/^/$each: /" >&2
    done
}

# Makes the session's folder, with all that the guest reads, and sets `job`.
prepare_session() { # COMMAND ARG…
    require "${machine_requirements[@]}"
    check_settings
    check_visible "$1"
    ! uses_network || require "${network_requirements[@]}"
    choose_kernel "$kernel"
    prepare_boot
    join_kept || new_session
    [[ $accel == kvm ]] || set -- "$1" "${when_emulated[@]}" "${@:2}"
    mkdir -p "$guest_job"
    write_job "$guest_job" "$@"
    ! uses_network || write_ports "${kept:-$job}" "$guest_job" "$id"
    mkfifo "$job"/{in,out,err,ctl,life}.fifo
    : >"$job/said"
}

# A session with a machine of its own.
new_session() {
    local parent=${TMPDIR:-/tmp}
    kept=''
    sweep_sessions "$parent"
    job=$(mktemp -d "$parent/ublkdisk-vm.XXXXXX")
    guest_job=$job/guest/0
    defer rm -rf "$job"
    exec {job_lock}>"$job/lock"
    flock "$job_lock"
    choose_processors
}

start_pumps() {
    child sed -u /^done/q "$job/ctl.fifo" >"$job/said" &
    teller=$!
    defer end "$teller"
    LC_ALL=C child dd bs=64k if="$job/out.fifo" 2>"$job/out.report" &
    out_pump=$!
    defer end "$out_pump"
    LC_ALL=C child dd bs=64k if="$job/err.fifo" >&2 2>"$job/err.report" &
    err_pump=$!
    defer end "$err_pump"
}

start_machine() {
    compose_machine "$job"
    if [[ $terminal ]]; then
        defer stty "$(stty -g)"
        { cd "$job" && child "${machine[@]}"; } <&0 2>"$job/qemu.log" &
    else
        { exec {stdin}<&0; } 2>/dev/null || exec {stdin}</dev/null
        child dd bs=64k of="$job/in.fifo" <&"$stdin" 2>/dev/null &
        defer end $!
        { cd "$job" && child "${machine[@]}"; } <"$job/in.fifo" >"$job/qemu.log" 2>&1 &
    fi
    emulator=$!
    defer end "$emulator"
}

# Runs a command in a VM and exits with its status, or with $vm_failed where the VM came to grief.
# Takes its settings from the variables that default_settings sets.
run_in_vm() { # COMMAND ARG…
    local job guest_job id=0 place kept='' qemu=() accel cpu machine=() emulator='' teller out_pump err_pump tick
    prepare_session "$@"
    start_pumps
    if [[ $kept ]]; then start_in_kept; else start_machine; fi
    local started=$SECONDS alone=0 watched=("$teller" "$out_pump" "$err_pump" $emulator)
    while ! grep -q ^done "$job/said" && all_run "${watched[@]}"; do
        if ((SECONDS - started >= seconds)); then
            tell_console "${kept:-$job}"
            die "$vm_failed" "the command was not done after $seconds s, so ${kept:+it and not }the VM was ended; --timeout S or UBLKDISK_VM_TIMEOUT=S allow more"
        fi
        if ((SECONDS - started >= boot_seconds)) && [[ ! -s $job/said ]]; then
            tell_console "${kept:-$job}"
            die "$vm_failed" "the VM had not booted after $boot_seconds s (kernel $kernel_release); UBLKDISK_VM_BOOT_TIMEOUT=S allows more"
        fi
        if ((orphan_seconds)) && orphaned && ((++alone > orphan_seconds)); then
            tell_console "${kept:-$job}"
            die "$vm_failed" "the process that started this died $orphan_seconds s ago, and the command has not ended by itself"
        fi
        child sleep 1 &
        tick=$!
        [[ ! $kept || ! -s $job/said ]] || forward_in_kept
        wait -n "${watched[@]}" "$tick" || true
        end "$tick"
    done
    finish
}

all_run() { # PID…
    local each
    for each in "$@"; do runs "$each" || return 1; done
}

# The command is done, or the machine is gone, or our output has no reader any more.
finish() {
    local word status out_bytes err_bytes more
    read -r word status out_bytes err_bytes more < <(grep ^done "$job/said") || true
    if [[ ${word:-} && ${more:-} != failed ]]; then
        drained "$out_pump" "$job/out.report" "$out_bytes"
        drained "$err_pump" "$job/err.report" "$err_bytes"
        if [[ $kept && ${more:-} == stuck ]]; then
            : >"$kept/places/$place.stuck"
            say "a process of this command cannot be killed: the kept VM has a place less, until vm/stop"
        fi
        ((status != vm_failed)) || say "exit status $vm_failed is the command's own: the VM did not fail"
        network_drained "${kept:-$job}" "$id"
        exit "$status"
    fi
    explain_network_failure "${kept:-$job}"
    if [[ ${word:-} ]]; then
        tell_console "${kept:-$job}"
        die "$vm_failed" "the VM could not make the command's surroundings"
    fi
    # A pump ends well when QEMU has closed its pipe, and badly when its reader went away. There a command of this
    # machine would have got a SIGPIPE.
    local pump
    for pump in "$out_pump" "$err_pump"; do
        runs "$pump" || wait "$pump" || exit 141
    done
    tell_console "${kept:-$job}"
    die "$vm_failed" "the VM ended before its command did (kernel $kernel_release${kept:+; $(cat "$kept/ended" 2>/dev/null || echo "a VM that was kept")})"
}
