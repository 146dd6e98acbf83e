# The machine: what QEMU is told, and what the guest reads when it boots.
# To be sourced after lib.sh, kernel.sh, initramfs.sh and emulator.sh.
# shellcheck shell=bash

machine_requirements=(
    qemu-system-x86_64:qemu-system-x86 busybox:busybox-static setpriv:util-linux
    modprobe:kmod cpio:cpio xz:xz-utils zstd:zstd # for a kernel and its initramfs, made once
)

# What a VM is like unless its user says otherwise.
default_settings() {
    kernel=${UBLKDISK_KERNEL:-6.12}
    cpus_named=${UBLKDISK_VM_CPUS:-} memory_named=${UBLKDISK_VM_MEMORY:-}
    fresh=${UBLKDISK_VM_FRESH:-} # whether not to join a VM that is kept
    cpus=${UBLKDISK_VM_CPUS:-$(($(nproc) < 4 ? $(nproc) : 4))}
    memory=${UBLKDISK_VM_MEMORY:-$(awk '/^MemTotal:/ { half = int($2 / 2048); print half < 4096 ? half : 4096 }' /proc/meminfo)}
    seconds=${UBLKDISK_VM_TIMEOUT:-3600}
    boot_seconds=${UBLKDISK_VM_BOOT_TIMEOUT:-300}
    orphan_seconds=0 # how long to go on when whoever started us has died; 0: for as long as it takes
    icount=
    terminal=
    network_settings
    when_emulated=() # words that follow the command's first where processors are emulated
}

# Reads the options that run and shell share; options_read is then how many words they were.
read_options() { # ARG…
    options_read=0
    while (($#)); do
        local words=2
        case $1 in
            --kernel) kernel=${2-} ;;
            --cpus) cpus=${2-} cpus_named=yes ;;
            --memory) memory=${2-} memory_named=yes ;;
            --timeout) seconds=${2-} ;;
            --icount) icount=yes words=1 ;;
            --forward) forward_ports+=("${2-}") ;;
            --reach) reach_ports+=("${2-}") ;;
            --fresh) fresh=yes words=1 ;;
            --help | -h) usage && exit 0 ;;
            -*) die "$usage_error" "unknown option $1; --help lists them" ;;
            *) return 0 ;;
        esac
        (($# >= words)) || die "$usage_error" "$1 needs a value; --help tells which"
        shift "$words"
        options_read=$((options_read + words))
    done
}

check_settings() {
    [[ $cpus =~ ^[1-9][0-9]*$ ]] || die "$usage_error" "cpus '$cpus' is not a number from 1 up"
    [[ $memory =~ ^[1-9][0-9]*[MG]?$ ]] || die "$usage_error" "memory '$memory' is not megabytes, nor a number with M or G, like 4G"
    [[ $seconds =~ ^[1-9][0-9]*$ ]] || die "$usage_error" "timeout '$seconds' is not a number of seconds from 1 up"
    [[ $boot_seconds =~ ^[1-9][0-9]*$ ]] || die "$usage_error" "boot timeout '$boot_seconds' is not a number of seconds from 1 up"
    check_network
}

# The folders that the guest may write: the project, the current folder, and Maven's project if this is Maven's child.
# Real paths; one that lies in another is left out.
shared_folders() {
    local each
    for each in "$project_dir" "$PWD" "${MAVEN_PROJECTBASEDIR:-}"; do
        [[ -z $each ]] || readlink -e "$each" || true
    done | sort -u | awk '$0 != "/" && (!outer || index($0, outer "/") != 1) { print; outer = $0 }'
}

# Refuses a command that the guest cannot see: its /run and /dev are its own, but for the shared folders in them.
check_visible() { # COMMAND
    local each share
    [[ $1 == */* && -e $1 ]] || return 0
    for each in "$(realpath -s "$1")" "$(realpath "$1")"; do
        [[ $each == /run/* || $each == /dev/* ]] || continue
        while IFS= read -r share; do
            [[ $each != "$share"/* ]] || continue 2
        done < <(shared_folders)
        die "$usage_error" "the VM cannot see $each: it has a /${each:1:3} of its own. Install or copy it elsewhere, to $HOME or /tmp for one"
    done
}

quote() { # WORD…: in a form that any POSIX shell reads back as it was
    local each gap=
    for each in "$@"; do
        printf "%s'%s'" "$gap" "${each//\'/\'\\\'\'}"
        gap=' '
    done
}

# What guest/init and guest/second read.
write_boot() { # FOLDER PLACES-OF-A-KEPT-VM
    printf 'modules=%s\nkept=%s\n' "$(quote "$kernel_modules")" "$2" >"$1/settings"
}

# What guest/serve and guest/inside read of a command.
write_job() { # FOLDER COMMAND ARG…
    local job=$1 each environment=()
    shift
    while IFS= read -r -d '' each; do
        case $each in
            # Of this shell, or of this machine and not of the guest.
            _=* | SHLVL=* | XDG_RUNTIME_DIR=* | UBLKDISK_KERNEL=* | UBLKDISK_MODULES=*) ;;
            # A build takes vm/java for a JDK. A program in the guest must find a real one.
            JAVA_HOME=*) [[ ${each#*=} -ef $vm_dir/java ]] || environment+=("$each") ;;
            *) environment+=("$each") ;;
        esac
    done < <(env -0)
    shared_folders >"$job/shares"
    {
        echo "modules=$(quote "$kernel_modules")"
        echo "open_files=$(ulimit -Sn)"
        echo "terminal=$(quote "$terminal")"
        echo "kept=${kept:+yes}"
        echo "grace=$((${#kept} ? 100 : 0))" # tenths of a second
        echo "jdk=$([[ ! $kept ]] || quote "$(trusted_jdk "$1")")"
    } >"$job/settings"
    local surroundings
    surroundings="TMPDIR=$(quote "${TMPDIR:-}")
umask $(umask)
cd $(quote "$PWD") || exit 126
[ -z \"\$TMPDIR\" ] || mkdir -p \"\$TMPDIR\"
exec /usr/bin/env -i $(quote "${environment[@]}")"
    echo "$surroundings $(quote "$@")" >"$job/command"
    echo "$surroundings TERM=\"\$TERM\" $(quote "${SHELL:-/bin/sh}" -i)" >"$job/shell"
}

# Whether KVM can boot this kernel here, found out by booting it: /dev/kvm may open and then not run anything.
# The verdict holds until the host boots again. Where it cannot, `no_kvm` says why.
kvm_boots() {
    if [[ ! -e /dev/kvm ]]; then
        no_kvm="there is no /dev/kvm here"
        return 1
    elif [[ ! -r /dev/kvm || ! -w /dev/kvm ]]; then
        no_kvm="this user may not open /dev/kvm (its group is $(stat -c %G /dev/kvm))"
        return 1
    fi
    no_kvm="/dev/kvm opens, but boots no kernel here"
    local verdict
    verdict=$cache_dir/kvm/$(</proc/sys/kernel/random/boot_id)-$kernel_release
    if [[ ! -e $verdict ]]; then locked kvm try_kvm "$verdict"; fi
    [[ $(<"$verdict") == yes ]]
}

try_kvm() { # VERDICT-FILE
    local verdict=$1 answer=no
    [[ ! -e $verdict ]] || return 0 # somebody else tried while we waited
    mkdir -p "${verdict%/*}"
    if timeout -k 1 20 qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -machine q35 \
        -accel kvm -cpu host -m 512 -kernel "$boot_kernel" -initrd "$boot_initramfs" -serial stdio \
        -append "console=ttyS0 quiet panic=-1 ublkdisk.probe" </dev/null 2>/dev/null | grep -q "ublkdisk: alive"; then
        answer=yes
    fi
    echo "$answer" >"$verdict"
}

# Sets how processors are had: `qemu` (an array), `accel`, `cpu`.
choose_processors() {
    local no_kvm="--icount counts its instructions"
    if [[ ! $icount ]] && kvm_boots; then
        qemu=(qemu-system-x86_64) accel=kvm cpu=host
        return
    fi
    choose_emulator
    accel=$emulation
    [[ ! $icount ]] || accel=tcg,thread=single
    # What is counted is to be what a JVM does on today's machines: it copies 32 bytes at a time where there is AVX2.
    # Everything else has the model that is emulated best.
    cpu=Nehalem
    [[ ! $icount ]] || cpu=EPYC
    # Without RDRAND the guest's random pool is not ready for seconds, and mkfs waits for it.
    cpu+=,+rdrand
    note "emulating the processor, 10 to 20 times slower than this machine: $no_kvm"
}

# Fills the array `machine` with QEMU's command line. It runs in the session's folder: a path to it may be longer than a
# socket's can be.
compose_machine() { # FOLDER OF-SESSION-OR-OF-KEPT-VM
    local folder=$1 each
    # shellcheck disable=SC2054 # the commas are QEMU's
    machine=(
        "${qemu[@]}" -nodefaults -no-user-config -display none -no-reboot -machine q35 -name ublkdisk
        -accel "$accel" -cpu "$cpu" -smp "$cpus" -m "$memory"
        -kernel "$boot_kernel" -initrd "$boot_initramfs"
        # The guest runs what we tell it to: no need to pay for mitigations, which are dear under emulation. On a busy machine
        # an emulated timer does not tick in the moment in which the kernel looks, and the kernel would panic.
        -append "console=ttyS0 quiet panic=-1 oops=panic mitigations=off no_timer_check ${UBLKDISK_VM_KERNEL_ARGS:-}"
        -chardev "file,id=console,path=console" -serial chardev:console
        -device virtio-rng-pci -device virtio-serial-pci,id=serial
        -chardev "socket,id=join,path=join,server=on,wait=off" -device virtconsole,bus=serial.0,chardev=join # hvc0
        -fsdev "local,id=root,path=/,security_model=none,multidevs=remap,readonly=on"
        -device "virtio-9p-pci,fsdev=root,mount_tag=root"
        -fsdev "local,id=job,path=guest,security_model=none,readonly=on"
        -device "virtio-9p-pci,fsdev=job,mount_tag=job"
    )
    [[ ! $icount ]] || machine+=(-icount "shift=0,sleep=off")
    if [[ $kept ]]; then
        write_boot "$folder/guest" "$kept_places"
        add_places
        # Ports come with commands.
        [[ ! $(type -P perl) ]] || add_network "$folder"
    else
        write_boot "$folder/guest" ''
        add_command "$folder/guest/0/shares"
        ! uses_network || add_network "$folder" "${forward_ports[@]}"
    fi
}

add_network() { # FOLDER PORT…
    write_network "$1"
    mapfile -t -O "${#machine[@]}" machine < <(network_options "$@")
}

add_9p() { # TAG PATH OPTION
    machine+=(
        -fsdev "local,id=$1,path=${2//,/,,},security_model=none,multidevs=remap$3"
        -device "virtio-9p-pci,fsdev=$1,mount_tag=$1"
    )
}

# The ports and the shared folders of the one command of a machine.
add_command() { # SHARES-FILE
    local each number=0
    each="virtserialport,name=0.in"
    [[ ! $terminal ]] || each=virtconsole # hvc1
    machine+=(-chardev "stdio,id=in,signal=off" -device "$each,bus=serial.0,chardev=in")
    for each in out err ctl; do
        machine+=(-chardev "file,id=$each,path=$each.fifo" -device "virtserialport,bus=serial.0,chardev=$each,name=0.$each")
    done
    while IFS= read -r each; do
        add_9p "share$number" "$each" ""
        number=$((number + 1))
    done <"$1"
}

# What the commands of a kept VM need: their ports come and go through the monitor, their files by the place that they have.
add_places() {
    local each
    machine+=(
        -chardev pipe,id=qmp,path=qmp -mon chardev=qmp,mode=control
        -chardev pipe,id=requests,path=requests -device virtserialport,bus=serial.0,chardev=requests,name=requests
        -chardev file,id=alive,path=alive -device virtserialport,bus=serial.0,chardev=alive,name=alive
        -device virtio-serial-pci,id=places0 -device virtio-serial-pci,id=places1
    )
    add_9p trusted / ,readonly=on
    for ((each = 0; each < kept_places; each++)); do
        add_9p "root$each" / ,readonly=on
        add_9p "share$each" / ""
    done
}
