# One VM that runs one command: how QEMU is called, and what joins it to this terminal.
# To be sourced after lib.sh, kernel.sh and initramfs.sh.
#
#   stdin  ── cat ─▶ in.fifo ─▶ QEMU ─▶ port in          job/       read by the guest: command, settings, shares
#   stdout ◀─ dd ── out.fifo ◀─ QEMU ◀─ port out         console    the guest's serial line
#   stderr ◀─ dd ── err.fifo ◀─ QEMU ◀─ port err         qemu.log   QEMU's own words
#   end    ◀─────── ctl.fifo ◀─ QEMU ◀─ port ctl
#
# QEMU makes its descriptors non-blocking, which would hit everybody who shares this terminal: hence the pumps.
# dd is the pump that can say, on SIGUSR1, how many bytes it has passed on.
# shellcheck shell=bash

# Needed to run a VM at all; fetching a kernel and building an initramfs ask for more when they happen.
machine_requirements=(qemu-system-x86_64:qemu-system-x86 busybox:busybox-static setpriv:util-linux)

# What a VM is like unless its user says otherwise.
default_settings() {
    kernel=${UBLKDISK_KERNEL:-6.12}
    cpus=${UBLKDISK_VM_CPUS:-$(($(nproc) < 4 ? $(nproc) : 4))}
    memory=${UBLKDISK_VM_MEMORY:-$(awk '/^MemTotal:/ { half = int($2 / 2048); print half < 4096 ? half : 4096 }' /proc/meminfo)}
    seconds=${UBLKDISK_VM_TIMEOUT:-3600}
    icount=
}

quote() { # WORD…: each in a form that any POSIX shell reads back as it was
    local each gap=
    for each in "$@"; do
        printf "%s'%s'" "$gap" "${each//\'/\'\\\'\'}"
        gap=' '
    done
}

# The folders that the guest may write: the project, the current folder, and Maven's project if this is Maven's child.
shared_folders() {
    local each other folders=("$project_dir" "$PWD" "${MAVEN_PROJECTBASEDIR:-}") inside
    for each in "${folders[@]}"; do
        [[ -n $each && $each != / ]] || continue
        inside=
        for other in "${folders[@]}"; do
            [[ -z $other || $other == / || $each == "$other" || $each/ != "$other"/* ]] || inside=yes
        done
        [[ $inside ]] || echo "$each"
    done | sort -u
}

# What the guest reads: see guest/init and guest/second.
write_job() { # FOLDER COMMAND ARG…
    local job=$1 each environment=()
    shift
    while IFS= read -r -d '' each; do
        case $each in
            # Of this shell, or of this machine and not of the guest.
            _=* | SHLVL=* | XDG_RUNTIME_DIR=* | UBLKDISK_KERNEL=* | UBLKDISK_MODULES=*) ;;
            *) environment+=("$each") ;;
        esac
    done < <(env -0)
    shared_folders >"$job/shares"
    {
        echo "modules=$(quote "$kernel_modules")"
        echo "root_cache=${UBLKDISK_VM_ROOT_CACHE:-mmap}"
        echo "open_files=$(ulimit -Sn)"
    } >"$job/settings"
    {
        echo "umask $(umask)"
        [[ -z ${TMPDIR:-} ]] || echo "mkdir -p $(quote "$TMPDIR")"
        echo "cd $(quote "$PWD") || exit 126"
        echo "exec /usr/bin/env -i $(quote "${environment[@]}" "$@")"
    } >"$job/command"
}

# Whether KVM can boot this kernel here, found out by booting it: /dev/kvm may open and then not run anything.
# The verdict holds until the host boots again.
kvm_boots() {
    [[ -w /dev/kvm ]] || return 1
    local verdict
    verdict=$cache_dir/kvm/$(cat /proc/sys/kernel/random/boot_id)-${boot_initramfs##*/}
    if [[ ! -e $verdict ]]; then locked kvm try_kvm "$verdict"; fi
    [[ $(<"$verdict") == yes ]]
}

try_kvm() { # VERDICT-FILE
    local verdict=$1 answer=no
    [[ ! -e $verdict ]] || return 0
    mkdir -p "${verdict%/*}"
    if timeout -k 1 20 qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -machine q35 -accel kvm \
        -cpu host -m 512 -kernel "$boot_kernel" -initrd "$boot_initramfs" -serial stdio \
        -append "console=ttyS0 quiet panic=-1 ublkdisk.probe" </dev/null 2>/dev/null | grep -q "ublkdisk: alive"; then
        answer=yes
    fi
    echo "$answer" >"$verdict"
}

# Removes what launchers left that were killed: each holds a lock on its folder for as long as it, or its QEMU, lives.
sweep_jobs() { # PARENT
    local each fd
    for each in "$1"/ublkdisk-vm.*/; do
        [[ -O $each && -e $each/lock ]] || continue
        exec {fd}<"$each/lock"
        if flock -n "$fd"; then rm -rf "$each"; fi
        exec {fd}<&-
    done
}

# Kills a process that we started, if it still runs.
end() { # PID
    kill -KILL "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}

# A child that dies with us, even if we are killed with SIGKILL.
child() { # COMMAND ARG…
    exec setpriv --pdeathsig KILL "$@"
}

# Waits until a pump has passed on so many bytes, or is gone because its reader is.
drained() { # PUMP-PID PUMP-REPORT BYTES
    local pump=$1 report=$2 bytes=$3
    until [[ $(LC_ALL=C awk '/ bytes? .*copied/ { n = $1 } END { print n + 0 }' "$report") -ge $bytes ]]; do
        kill -USR1 "$pump" 2>/dev/null || return 0
        sleep 0.02
    done
}

# Fills the array `machine` with QEMU's arguments.
compose_machine() { # JOB-FOLDER
    local job=$1 number=0 share accel cpu
    if [[ $icount ]]; then
        accel=tcg,thread=single cpu=Nehalem,+rdrand
    elif kvm_boots; then
        accel=kvm cpu=host
    else
        # Not -cpu max: a JVM on several emulated processors of that model dies of SIGILL now and then.
        # RDRAND, or the guest's random pool is not ready for seconds and mkfs waits for it.
        accel=tcg,thread=multi cpu=Nehalem,+rdrand
    fi
    machine=(
        qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -machine q35 -name ublkdisk
        -accel "$accel" -cpu "$cpu" -smp "$cpus" -m "$memory"
        -kernel "$boot_kernel" -initrd "$boot_initramfs"
        -append "console=ttyS0 quiet panic=-1 oops=panic ${UBLKDISK_VM_KERNEL_ARGS:-}"
        -chardev "file,id=console,path=$job/console" -serial chardev:console
        -device virtio-rng-pci -device virtio-serial-pci
        -chardev stdio,id=in,signal=off -device virtserialport,chardev=in,name=in
    )
    [[ ! $icount ]] || machine+=(-icount "shift=0,sleep=off")
    local each
    for each in out err ctl; do
        machine+=(-chardev "file,id=$each,path=$job/$each.fifo" -device "virtserialport,chardev=$each,name=$each")
    done
    machine+=(
        -fsdev "local,id=root,path=/,security_model=none,multidevs=remap,readonly=on"
        -device virtio-9p-pci,fsdev=root,mount_tag=root
        -fsdev "local,id=job,path=${job//,/,,}/guest,security_model=none,readonly=on"
        -device virtio-9p-pci,fsdev=job,mount_tag=job
    )
    while IFS= read -r share; do
        machine+=(
            -fsdev "local,id=share$number,path=${share//,/,,},security_model=none,multidevs=remap"
            -device "virtio-9p-pci,fsdev=share$number,mount_tag=share$number"
        )
        number=$((number + 1))
    done <"$job/guest/shares"
}

# Runs a command in a VM of its own and exits with its status.
# Takes its settings from the variables that default_settings sets.
run_in_vm() { # COMMAND ARG…
    local job machine=() qemu teller timer out_pump err_pump
    require "${machine_requirements[@]}"
    choose_kernel "$kernel"
    prepare_boot
    sweep_jobs "${TMPDIR:-/tmp}"
    job=$(mktemp -d "${TMPDIR:-/tmp}/ublkdisk-vm.XXXXXX")
    defer rm -rf "$job"
    exec {job_lock}>"$job/lock"
    flock "$job_lock"
    mkdir "$job/guest"
    write_job "$job/guest" "$@"
    compose_machine "$job"
    mkfifo "$job"/{in,out,err,ctl}.fifo

    # Each of these opens its pipe itself, after it was tied to our life.
    { exec {stdin}<&0; } 2>/dev/null || exec {stdin}</dev/null
    child dd bs=64k of="$job/in.fifo" <&"$stdin" 2>/dev/null &
    defer end $!
    LC_ALL=C child dd bs=64k if="$job/out.fifo" 2>"$job/out.report" &
    out_pump=$!
    defer end $!
    LC_ALL=C child dd bs=64k if="$job/err.fifo" >&2 2>"$job/err.report" &
    err_pump=$!
    defer end $!
    child head -n 1 "$job/ctl.fifo" >"$job/end" &
    teller=$!
    defer end $!
    child sleep "$seconds" >/dev/null 2>&1 &
    timer=$!
    defer end $!
    child "${machine[@]}" <"$job/in.fifo" >"$job/qemu.log" 2>&1 &
    qemu=$!
    defer end $!

    wait -n "$qemu" "$teller" "$timer" "$out_pump" "$err_pump" || true
    local word status out_bytes err_bytes
    if read -r word status out_bytes err_bytes <"$job/end" && [[ $word == "done" ]]; then
        drained "$out_pump" "$job/out.report" "$out_bytes"
        drained "$err_pump" "$job/err.report" "$err_bytes"
        exit "$status"
    fi
    if ! kill -0 "$timer" 2>/dev/null; then
        tell_console "$job"
        die $VM_FAILED "the command was not done after $seconds s; the VM was ended (--timeout S or UBLKDISK_VM_TIMEOUT=S allows more)"
    fi
    if kill -0 "$qemu" 2>/dev/null && ! { kill -0 "$out_pump" && kill -0 "$err_pump"; } 2>/dev/null; then
        exit 141 # whoever read our output went away: what SIGPIPE would have done here
    fi
    sleep 0.2 # for the last words to come through
    tell_console "$job"
    die $VM_FAILED "the VM ended before the command did (kernel $kernel_release)"
}

# The last lines of a VM that failed, on stderr.
tell_console() { # JOB-FOLDER
    local each
    for each in console qemu.log; do
        [[ ! -s $1/$each ]] || tail -n 40 "$1/$each" | tr -d '\r' | sed "s/^/$each: /" >&2
    done
}
