# A VM that is kept: it stays when its commands have ended, and vm/run and vm/java join it. To be sourced after machine.sh.
#
#   $kept_dir/VM/        one folder for each, of this user alone; QEMU runs in it
#     settings           what it was started with, for those who look for one that fits
#     lock               held by its keeper and its QEMU: who gets it knows that the VM is gone
#     use                held, shared, by each launcher in it: the keeper gets it when the VM is idle
#     places/N           held by the launcher of the command that has place N; N.stuck: a dead place
#     jobs/ID            streams of a command, as session.sh draws them, and its lock
#     guest/             what the guest reads: settings, and ID/ for each command
#     qmp.in, qmp.out    QEMU's monitor, under qmp.lock: a command's ports are plugged in when it comes
#     requests.in        lines "ID PLACE": run this
#     alive              "ready" when the guest takes requests
#     console, qemu.log, keeper.log, ended (why)
#
# The keeper is a process of its own, without terminal: it owns QEMU, takes away what killed launchers leave, and ends the VM
# when it has been idle for too long. See docs/decisions/20261201-kept-vm.md.
# shellcheck shell=bash

# How many commands can be in one VM at once: each place is two 9p devices.
kept_places=8
kept_dir=${UBLKDISK_VM_STATE:-$cache_dir/kept}

# Whether a kept VM lives: its lock is taken, and its keeper has not seen it end.
kept_lives() { # VM-FOLDER
    [[ -e $1/lock && ! -e $1/ended ]] && ! flock -ns "$1/lock" true 2>/dev/null && [[ -e $1/lock ]]
}

# Megabytes of a size like 4G.
megabytes() {
    case $1 in
        *G) echo $((${1%G} * 1024)) ;;
        *) echo "${1%M}" ;;
    esac
}

# Prints what was named among the settings, a line each; the kernel always counts as named.
named_settings() {
    echo "boot=$boot_initramfs"
    [[ ! $cpus_named ]] || echo "cpus=$cpus"
    [[ ! $memory_named ]] || echo "memory=$(megabytes "$memory")"
    echo "kernel_arguments=${UBLKDISK_VM_KERNEL_ARGS:-}"
}

write_kept_settings() { # VM-FOLDER
    {
        echo "kernel=$kernel_release"
        echo "boot=$boot_initramfs"
        echo "cpus=$cpus"
        echo "memory=$(megabytes "$memory")"
        echo "kernel_arguments=${UBLKDISK_VM_KERNEL_ARGS:-}"
        echo "accel=$accel"
        echo "idle=$idle_seconds"
    } >"$1/settings"
}

kept_setting() { # VM-FOLDER NAME
    sed -n "s/^$2=//p" "$1/settings" 2>/dev/null
}

# The folders of all VMs that are kept for this user, dead ones among them.
kept_vms() {
    local each
    for each in "$kept_dir"/vm.*/; do
        [[ ! -e $each/settings || ! -O $each || -L ${each%/} ]] || echo "${each%/}"
    done
}

# Refuses a folder of state that is not this user's own.
check_kept_dir() {
    mkdir -p -m 700 "$kept_dir" && [[ -O $kept_dir && -w $kept_dir ]] ||
        die "$usage_error" "$kept_dir belongs to $(stat -c %U "$kept_dir" 2>/dev/null || echo "another user"): another user's VM is never joined. UBLKDISK_VM_STATE=FOLDER names a folder of your own"
}

# Sets `kept` to the folder of a VM that fits what was asked for.
find_kept() {
    local each wanted
    [[ -e $kept_dir ]] || return 1
    [[ -O $kept_dir ]] || {
        note "$kept_dir belongs to $(stat -c %U "$kept_dir"): another user's VM is never joined"
        return 1
    }
    wanted=$(named_settings)
    while IFS= read -r each; do
        if ! kept_lives "$each"; then
            tell_death "$each"
        elif [[ ! $(grep -vxFf "$each/settings" <<<"$wanted") ]]; then
            kept=$each
            return 0
        else
            note "a VM is kept, but with other settings ($(kept_summary "$each")): not joined"
        fi
    done < <(kept_vms)
    return 1
}

kept_summary() { # VM-FOLDER
    echo "kernel $(kept_setting "$1" kernel), $(kept_setting "$1" cpus) processors, $(kept_setting "$1" memory) MB"
}

# Says that a kept VM has died, and removes what is left of it.
tell_death() { # VM-FOLDER
    local fd
    { exec {fd}<>"$1/lock"; } 2>/dev/null || return 0
    if flock -n "$fd" && [[ -e $1/settings ]]; then
        say "the VM that was kept has died ($(cat "$1/ended" 2>/dev/null || echo "it was killed")); vm/start boots another"
        tell_console "$1"
        rm -rf "$1"
    fi
    exec {fd}>&-
}

# --- QEMU's monitor. One conversation at a time; what is in the pipe from an earlier one has another id.

# Sends commands, and waits for the answer to each. Prints an error's text.
qmp() { # VM-FOLDER COMMAND…: each without its braces, like '"execute": "stop"'
    local folder=$1 lock input output line number=0 each waited verdict=0
    shift
    exec {lock}>"$folder/qmp.lock"
    flock -w 60 "$lock" || return 1
    exec {input}<>"$folder/qmp.in" {output}<>"$folder/qmp.out"
    for each in "$@"; do
        number=$((number + 1))
        printf '{%s, "id": "%s-%s"}\n' "$each" "$BASHPID" "$number" >&"$input"
        waited=0
        while :; do
            if read -r -t 1 line <&"$output"; then
                [[ $line == *"\"id\": \"$BASHPID-$number\""* ]] || continue
                [[ $line != *'"error": '* ]] || {
                    verdict=1
                    sed -E 's/.*"desc": "([^"]*)".*/\1/' <<<"$line"
                }
                # What the monitor for people says when it could not do it.
                [[ $line != *'"return": "'[!\"]* ]] || {
                    verdict=1
                    sed -E 's/.*"return": "([^"]*)".*/\1/' <<<"$line"
                }
                break
            fi
            kept_lives "$folder" && ((++waited < 60)) || {
                verdict=1
                break 2
            }
        done
    done
    exec {input}>&- {output}>&- {lock}>&-
    return "$verdict"
}

# Gives a command its five streams: in, out, err, ctl and, for the way to the guest, the pipe life, which ends with us.
# To be run in a process of its own that nothing interrupts, with all pipes open both ways: QEMU waits in the opening of a
# pipe until it has another end.
plug_ports() { # VM-FOLDER ID PLACE
    local vm=$1 id=$2 bus="places$(($3 % 2)).0" each commands=() backend
    trap '' HUP INT TERM
    for each in in out err ctl; do
        backend="\"out\": \"jobs/$id/$each.fifo\""
        [[ $each != in ]] || backend="\"in\": \"jobs/$id/in.fifo\", \"out\": \"/dev/null\""
        [[ $each != ctl ]] || backend+=", \"in\": \"jobs/$id/life.fifo\""
        commands+=(
            "\"execute\": \"chardev-add\", \"arguments\": {\"id\": \"$id.$each\", \"backend\": {\"type\": \"file\", \"data\": {$backend}}}"
            "\"execute\": \"device_add\", \"arguments\": {\"driver\": \"virtserialport\", \"bus\": \"$bus\", \"id\": \"port.$id.$each\", \"chardev\": \"$id.$each\", \"name\": \"$id.$each\"}"
        )
    done
    qmp "$vm" "${commands[@]}"
}

# Takes a command's streams away, and its folders. The guest ends what is left of it.
unplug() { # VM-FOLDER ID
    local vm=$1 id=$2 each devices=() backends=() forwards=() tries
    mapfile -t forwards < <(forwards_of "$vm" "$id" remove)
    for each in in out err ctl; do
        devices+=("\"execute\": \"device_del\", \"arguments\": {\"id\": \"port.$id.$each\"}")
        backends+=("\"execute\": \"chardev-remove\", \"arguments\": {\"id\": \"$id.$each\"}")
    done
    (
        trap '' HUP INT TERM
        if kept_lives "$vm"; then
            ((${#forwards[@]} == 0)) || qmp "$vm" "${forwards[@]}" >/dev/null || true
            qmp "$vm" "${devices[@]}" >/dev/null || true
            # A device is gone a moment after the monitor has said so, and its backend is busy until then.
            for ((tries = 0; tries < 50; tries++)); do
                [[ $(qmp "$vm" "${backends[@]}") == *busy* ]] || break
                sleep 0.1
            done
        fi
        rm -rf "$vm/jobs/$id" "$vm/guest/$id" "$vm/reach/$id"
    ) || true
}

# Prints what the monitor is to be told of the ports that a command forwards.
forwards_of() { # VM-FOLDER ID add|remove
    local each ports
    mapfile -t ports < <(cat "$1/guest/$2/ports/forward" 2>/dev/null)
    forward_commands "$3" "${ports[@]}" | while IFS= read -r each; do monitor_command "$each"; done
}

# --- The launcher's side.

# Unplugs after our end: our caller need not wait for it. The locks of the place and of the VM stay ours until then.
leave() { # VM-FOLDER ID
    unplug "$@" </dev/null >/dev/null 2>&1 &
}

# Takes a place in the kept VM: sets `place`. Its lock is ours until we end.
take_place() {
    local fd
    for ((place = 0; place < kept_places; place++)); do
        [[ ! -e $kept/places/$place.stuck ]] || continue
        exec {fd}>"$kept/places/$place"
        if flock -n "$fd"; then return 0; fi
        exec {fd}>&-
    done
    return 1
}

# Joins a VM that is kept, if there is one that fits and has a place: sets `kept`, `place`, `id`, `job`, `guest_job`.
join_kept() {
    local use
    [[ ! $fresh && ! $terminal && ! $icount ]] || return 1
    find_kept || return 1
    ! uses_network || [[ -d $kept/reach ]] || {
        note "the kept VM has no network, for perl was missing when it was started: booting a fresh one for this command"
        return 1
    }
    exec {use}<>"$kept/use" && flock -s -w 10 "$use" && kept_lives "$kept" || {
        note "the VM that was kept is just ending: booting a fresh one"
        return 1
    }
    take_place || {
        note "the kept VM is full ($kept_places commands at most): booting a fresh one for this command"
        exec {use}>&-
        return 1
    }
    job=$(mktemp -d "$kept/jobs/cXXXXXXXX")
    id=${job##*/}
    guest_job=$kept/guest/$id
    exec {job_lock}>"$job/lock"
    flock "$job_lock"
    defer leave "$kept" "$id"
    accel=$(kept_setting "$kept" accel)
}

# The home of the JDK that a command runs, if nothing in it has changed since the kept VM booted.
trusted_jdk() { # COMMAND
    local java home
    java=$(readlink -f "$(type -P "$1")") && [[ $java == */bin/java ]] || java=$(readlink -f "$(type -P java)") || return 0
    home=${java%/bin/java}
    [[ $home != *[,:\\]* && -e $home/lib/modules && ! $(find "$home" -cnewer "$kept/settings" -print -quit 2>&1) ]] || return 0
    echo "$home"
}

# Plugs the streams in and sends the request.
start_in_kept() {
    local each reader trouble in out err ctl life
    exec {in}<>"$job/in.fifo" {out}<>"$job/out.fifo" {err}<>"$job/err.fifo" {ctl}<>"$job/ctl.fifo" {life}<>"$job/life.fifo"
    # A reader that is there as long as we are: a pump may come later than QEMU's first word.
    for each in out err ctl; do exec {reader}<"$job/$each.fifo"; done
    trouble=$( (plug_ports "$kept" "$id" "$place") 2>&1) ||
        die "$vm_failed" "the kept VM does not take another command (${trouble:-its monitor does not answer}); --fresh or UBLKDISK_VM_FRESH=1 boots another VM, vm/stop ends this one"
    # QEMU has its ends now, and when it goes a pump is to see it.
    exec {out}>&- {err}>&- {ctl}>&-
    { exec {stdin}<&0; } 2>/dev/null || exec {stdin}</dev/null
    child dd bs=64k <&"$stdin" >&"$in" 2>/dev/null {life}>&- &
    defer end $!
    exec {in}>&- {stdin}<&-
    echo "$id $place" 1<>"$kept/requests.in"
}

# Has QEMU listen at the ports that the command forwards, once: when the relay in the guest is there.
forward_in_kept() {
    local commands=() trouble
    [[ ! ${forwarded:-} ]] || return 0
    forwarded=yes
    mapfile -t commands < <(forwards_of "$kept" "$id" add)
    ((${#commands[@]})) || return 0
    trouble=$(qmp "$kept" "${commands[@]}" 2>&1) ||
        die "$usage_error" "a port cannot be forwarded: ${trouble:-the monitor of the kept VM does not answer}. End the program that has it, or name another port"
}

# --- The keeper.

keep() { # VM-FOLDER
    local folder=$1 each fd machine=() tick idle_since=$SECONDS started=$SECONDS
    # Nothing of the process that started us stays open, but for the lock.
    for each in "/proc/$BASHPID/fd"/*; do
        fd=${each##*/}
        ((fd <= 2 || fd == kept_lock || fd == 255)) || exec {fd}>&-
    done
    cd "$folder"
    why="QEMU ended"
    echo $$ >keeper
    compose_machine "$folder"
    { child "${machine[@]}"; } </dev/null >qemu.log 2>&1 &
    emulator=$!
    defer end "$emulator"
    trap 'why="vm/stop"; exit 0' TERM
    defer end_kept "$folder"
    qmp "$folder" '"execute": "qmp_capabilities"' || true
    while runs "$emulator"; do
        if [[ ! -s alive ]] && ((SECONDS - started >= boot_seconds)); then
            why="it had not booted after $boot_seconds s"
            exit 1
        fi
        for each in jobs/*/lock; do
            [[ -e $each ]] && flock -n "$each" true 2>/dev/null || continue
            each=${each%/lock}
            unplug "$folder" "${each#jobs/}"
        done
        [[ -s alive ]] || idle_since=$SECONDS
        exec {fd}<>use
        if flock -n "$fd"; then
            if ((SECONDS - idle_since >= idle_seconds)) || { ((owner)) && ! kill -0 "$owner" 2>/dev/null; }; then
                # No launcher joins while we hold this.
                why="idle"
                kill -KILL "$emulator"
                wait "$emulator" 2>/dev/null || true
                rm -rf "$folder"
                exit 0
            fi
        else
            idle_since=$SECONDS
        fi
        exec {fd}>&-
        child sleep 2 &
        tick=$!
        wait -n "$emulator" "$tick" || true
        end "$tick"
    done
}

# The VM has ended. Its folder stays for the launchers that are in it, and after a death for the next one that looks for it.
end_kept() { # VM-FOLDER
    local fd
    [[ -e $1 ]] || return 0
    end "$emulator"
    echo "$why" >"$1/ended"
    exec {fd}<>"$1/use"
    flock -w 20 "$fd" || true
    [[ $why != vm/stop ]] || rm -rf "$1"
}

# Ends a kept VM.
stop_kept() { # VM-FOLDER
    local tries
    kill -TERM "$(cat "$1/keeper" 2>/dev/null)" 2>/dev/null || true
    for ((tries = 0; tries < 300; tries++)); do
        kept_lives "$1" || return 0
        ((tries != 250)) || kill -KILL "$(<"$1/keeper")" 2>/dev/null || true
        sleep 0.1
    done
    die "$vm_failed" "the VM in $1 does not end; its keeper is process $(<"$1/keeper")"
}

# Boots a VM that is kept for as long as this shell runs, unless one that fits is there or none is needed. It boots meanwhile.
keep_vm() {
    [[ ! -e /dev/ublk-control || $EUID != 0 || ${UBLKDISK_KERNEL:-} ]] || return 0
    "$vm_dir/start" --owner "$BASHPID" &
}
