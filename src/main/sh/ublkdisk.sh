#!/bin/sh
# ublkdisk: disks that fail on cue. This file is a shell script with a jar behind it; it looks for a Java and starts it. What only
# asks a disk that runs is done by the JVM of a server that runs, which takes milliseconds where a start takes a second.

# Joins its standard input and output to a socket; the input ends first. With what is installed: perl is on every Debian.
join_socket() { # SOCKET
    if command -v perl >/dev/null; then
        exec timeout 60 perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && connect(S, sockaddr_un($ARGV[0])) || exit 1;
            local $/; my $words = <STDIN>; while (length $words) { substr($words, 0, syswrite(S, $words) || exit 1) = "" }
            shutdown S, 1; while (sysread S, my $answer, 65536) { syswrite STDOUT, $answer }' "$1"
    elif command -v socat >/dev/null; then
        exec timeout 60 socat -t 60 - "UNIX-CONNECT:$1"
    elif command -v python3 >/dev/null; then
        exec timeout 60 python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(sys.stdin.buffer.read()); s.shutdown(socket.SHUT_WR)
for each in iter(lambda: s.recv(65536), b""): sys.stdout.buffer.write(each)' "$1"
    elif nc -h 2>&1 | grep -q -e '-U'; then
        exec timeout 60 nc -N -U "$1"
    fi
}

# Prints what a server answers and ends with the command's status; with 125 if no server has run it.
tell_answer() {
    status=125
    while IFS= read -r line; do
        case $line in
            "out "*) status=1 && printf '%s\n' "${line#out }" ;;
            "err "*) status=1 && printf '%s\n' "${line#err }" >&2 ;;
            "exit "*) exit "${line#exit }" ;;
        esac
    done
    [ "$status" = 125 ] || echo "ublkdisk: the server ended while it ran this command" >&2
    exit "$status"
}

case "${UBLKDISK_OWN_JVM:+own} $1" in
    " list" | " fault" | " rules" | " clear" | " stats" | " unflushed" | " power-cut" | " power-on" | " mark" | " release" | \
        " snapshot" | " damage")
        if [ -n "$UBLKDISK_STATE" ]; then
            state=$UBLKDISK_STATE
        elif [ -O /run/ublkdisk ]; then
            state=/run/ublkdisk
        else
            state=${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/ublkdisk}
            state=${state:-/tmp/ublkdisk-$(id -u)}
        fi
        for socket in "$state"/server-*.sock; do
            [ -S "$socket" ] || continue
            {
                echo "command-line 0.1.0 $#"
                printf '%s\0' "$@"
            } | join_socket "$socket" 2>/dev/null | tell_answer
            status=$?
            [ "$status" = 125 ] || exit "$status"
        done
        ;;
esac

self=$(readlink -f "$0")

fail() {
    printf 'ublkdisk: %s\n' "$*" >&2
    exit 1
}

# The version that the folder of a Java says in its file "release"; nothing if it has none.
version_of() {
    sed -n 's/^JAVA_VERSION="\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' "$(dirname "$(dirname "$(readlink -f "$1")")")/release" 2>/dev/null
}

java=
too_old=
for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java)" /usr/lib/jvm/*/bin/java; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    version=$(version_of "$candidate")
    if [ "${version:-17}" -ge 17 ]; then
        java=$candidate
        break
    fi
    too_old="$too_old $candidate is version $version;"
done
[ -n "$java" ] || fail "no Java 17 or newer:$too_old JAVA_HOME is '${JAVA_HOME-}', and PATH is '$PATH'." \
    "Install one (Debian, Ubuntu: apt-get install openjdk-17-jre-headless), or set JAVA_HOME."

# The archive of classes that the build has made: a JVM that is not the build's, or a jar that has changed, does without it.
archive=
[ -r "$self.jsa" ] && archive=$self.jsa

# Arguments and names of files are UTF-8, whatever the locale: a JVM reads them as its locale says, and only then. What was there is
# kept for commands of the user's own, behind an = if it was set.
export UBLKDISK_LC_ALL="${LC_ALL+=$LC_ALL}"
export LC_ALL=C.UTF-8

native=
[ "${version:-17}" -ge 24 ] && native=--enable-native-access=ALL-UNNAMED

# Becomes, with the arguments, a process that serves a disk itself: it needs a mount namespace of its own before anything is
# mounted from that disk, and as much memory outside the heap as the machine has.
session=
server() {
    command -v unshare >/dev/null || fail "unshare is not in PATH; install util-linux."
    memory=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
    exec $session unshare --mount --propagation private "$java" -XX:+UseSerialGC -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError \
        -XX:MaxInlineLevel=40 -Xshare:auto ${archive:+"-XX:SharedArchiveFile=$archive" "-Xlog:cds*=off" "-Xlog:class+path=off"} \
        -Xmx192m -XX:MaxDirectMemorySize="${memory:-4194304}k" $native $UBLKDISK_JAVA_OPTIONS \
        -cp "$self" io.ublkdisk.cli.Ublkdisk "$@"
}

if [ "$(id -u)" = 0 ] && [ -e /dev/ublk-control ]; then
    case "$1 $2" in
        "run "*) server "$@" ;;
        "kublk add" | "kublk recover")
            case " $* " in *" --foreground "* | *" --help "* | *" -h "*) server "$@" ;; esac
            # Until it closes its output, which it does when the device can be opened, or ends.
            session=setsid
            text=$(server "$@" </dev/null &)
            printf '%s\n' "$text"
            case $text in "dev id "*) exit 0 ;; esac
            exit 1
            ;;
    esac
fi
exec "$java" -XX:+UseSerialGC -XX:-UsePerfData -XX:TieredStopAtLevel=1 -Xshare:auto \
    ${archive:+"-XX:SharedArchiveFile=$archive" "-Xlog:cds*=off" "-Xlog:class+path=off"} -Xmx128m $native $UBLKDISK_JAVA_OPTIONS \
    -cp "$self" io.ublkdisk.cli.Ublkdisk "$@"
