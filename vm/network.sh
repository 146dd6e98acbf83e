# TCP between host and guest, on the loopback of both, for single ports. To be sourced after lib.sh.
#
#   forward: host → guest    program ─▶ 127.0.0.1:P ─ QEMU ─▶ card:P ─ relay ─▶ 127.0.0.1:P of the guest
#   reach:   guest → host    program ─▶ 127.0.0.1:P of the guest ─ relay ─▶ card ─ QEMU ─ relay ─▶ 127.0.0.1:P
#
# QEMU's user network, restricted: the guest has no way out but the relay on the host, which knows the list of ports, and goes to
# loopback only. No card where no port is asked for. Why so: docs/decisions/20261201-vm-network.md.
#
# In the folder of the session:
#   guest/network/    relay, network   the guest's programs, and settings
#   guest/ID/ports/   forward, reach   the ports of the command, a line each, and its name
#   reach/NAME        the ports that the command NAME may reach: what the relay on the host asks, at each connection
# shellcheck shell=bash

network_requirements=(perl:perl-base)

# What the user asks for (a mistake there is an error), and what was found in a command line or in our parent, as a service.
network_settings() {
    local forward=${UBLKDISK_VM_FORWARD-} reach=${UBLKDISK_VM_REACH-}
    read -ra forward_ports <<<"${forward//,/ }"
    read -ra reach_ports <<<"${reach//,/ }"
}

uses_network() { ((${#forward_ports[@]} + ${#reach_ports[@]})); }

# The TCP sockets of this machine that listen where loopback arrives: "PORT INODE".
listening() {
    local address inode
    # 127.x.y.z and 0.0.0.0; ::1, :: and ::ffff:127.x.y.z, as /proc writes them.
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '
        BEGIN { zeros = "000000000000000000000000" }
        $4 != "0A" { next }
        { at = substr($2, 1, index($2, ":") - 1); mapped = at; sub("^0000000000000000FFFF0000", "", mapped) }
        mapped ~ /^......7F$/ || at == "00000000" || at == zeros "00000000" || at == zeros "01000000" {
            print substr($2, length(at) + 2), $10
        }' | while read -r address inode; do echo "$((16#$address)) $inode"; done
}

# Who listens at a port, if that can be seen from here: " by process 4711 (java)".
holder() { # PORT
    local port inode each
    while read -r port inode; do
        [[ $port == "$1" ]] || continue
        for each in /proc/[0-9]*/fd; do
            if find "$each" -lname "socket:\[$inode\]" 2>/dev/null | grep -q .; then
                each=${each%/fd}
                echo " by process ${each#/proc/} ($(<"$each/comm"))"
                return
            fi
        done
    done < <(listening)
}

check_port() { # KIND PORT
    local remedy
    case $1 in
        forward) remedy="name the port at which the program in the VM listens, as in --forward 5005" ;;
        reach) remedy="name the port at which a program of this machine listens, as in --reach 5005" ;;
    esac
    [[ $2 =~ ^0*([1-9][0-9]{0,4})$ && ${BASH_REMATCH[1]} -le 65535 ]] ||
        die "$usage_error" "$1 '$2' is not a port from 1 to 65535: $remedy"
}

# Ports without leading zeros, in order.
each_once() { # PORT…
    local each
    for each in "$@"; do echo "$((10#$each))"; done | sort -nu
}

check_network() {
    local each other lowest=1024
    uses_network || return 0
    for each in "${forward_ports[@]}"; do check_port forward "$each"; done
    for each in "${reach_ports[@]}"; do check_port reach "$each"; done
    mapfile -t forward_ports < <(each_once "${forward_ports[@]}")
    mapfile -t reach_ports < <(each_once "${reach_ports[@]}")
    [[ ! -r /proc/sys/net/ipv4/ip_unprivileged_port_start ]] || lowest=$(</proc/sys/net/ipv4/ip_unprivileged_port_start)
    for each in "${forward_ports[@]}"; do
        for other in "${reach_ports[@]}"; do
            [[ $each != "$other" ]] ||
                die "$usage_error" "port $each is to be both forwarded (a program in the VM listens) and reached (one of this machine listens): leave one out"
        done
        ((EUID == 0 || each >= lowest)) ||
            die "$usage_error" "port $each cannot be forwarded: on this machine only root listens below $lowest; let the program in the VM listen at a higher one"
        if listening | grep -q "^$each "; then port_in_use "$each"; fi
    done
}

port_in_use() { # PORT
    die "$usage_error" "port $1 cannot be forwarded: on this machine it is in use already$(holder "$1"). End that program, or let the one in the VM listen at another port"
}

# How QEMU names a port that is forwarded, on its command line and to its monitor.
forward_rule() { # PORT
    echo "tcp:127.0.0.1:$1-10.0.2.15:$1"
}

# What to tell the monitor of a machine that runs already.
forward_commands() { # add|remove PORT…
    local verb=$1 each
    shift
    for each in "$@"; do
        case $verb in
            add) echo "hostfwd_add net $(forward_rule "$each")" ;;
            remove) echo "hostfwd_remove net tcp:127.0.0.1:$each" ;;
        esac
    done
}

# The same for QEMU's monitor protocol: a command without its braces. Its answer holds a text where QEMU could not do it.
monitor_command() { # TEXT
    printf '"execute": "human-monitor-command", "arguments": {"command-line": "%s"}\n' "$1"
}

# QEMU's options: a card, the ports that are forwarded from the start, and the way to the relay on the host.
# Prints a word a line. SESSION-FOLDER has `reach/` and `lock`.
network_options() { # SESSION-FOLDER PORT…
    local session=$1 each rules='' relay
    shift
    for each in "$@"; do rules+=",hostfwd=$(forward_rule "$each")"; done
    relay=$(quote "$(type -P perl)" "$vm_dir/guest/relay" host "$session/reach" "$session/lock")
    printf '%s\n' -netdev "user,id=net,restrict=on,ipv6=off$rules,guestfwd=tcp:10.0.2.100:1-cmd:${relay//,/,,}"
    # Without the ROM to boot from, which is a package of its own.
    printf '%s\n' -device "virtio-net-pci,netdev=net,romfile="
}

# What a guest with a card reads when it boots.
write_network() { # SESSION-FOLDER
    mkdir -p "$1/guest/network" "$1/reach"
    cp "$vm_dir/guest/relay" "$vm_dir/guest/network" "$1/guest/network/"
    echo "perl=$(quote "$(type -P perl)")" >"$1/guest/network/settings"
}

# The ports of a command: for the relay in the guest, and for the one on the host.
write_ports() { # SESSION-FOLDER JOB-FOLDER NAME
    local session=$1 folder=$2/ports name=$3
    mkdir -p "$folder" "$session/reach"
    ((${#forward_ports[@]} == 0)) || printf '%s\n' "${forward_ports[@]}" >"$folder/forward"
    ((${#reach_ports[@]} == 0)) || printf '%s\n' "${reach_ports[@]}" >"$folder/reach"
    touch "$folder/forward" "$folder/reach"
    echo "$name" >"$folder/name"
    cp "$folder/reach" "$session/reach/$name"
}

# Waits until what the command NAME sent to ports of the host has arrived there; its connections end with it.
network_drained() { # SESSION-FOLDER NAME
    [[ ! -e $1/reach/$2 ]] || flock -w 5 "$1/reach/$2" true || say "a program of this machine does not read what the VM sent it"
}

# A port that was taken between our look and QEMU's start.
explain_network_failure() { # SESSION-FOLDER
    local port
    port=$(sed -n "s/.*Could not set up host forwarding rule 'tcp:127.0.0.1:\([0-9]*\)-.*/\1/p" "$1/qemu.log" | head -n 1)
    [[ ! $port ]] || port_in_use "$port"
}
