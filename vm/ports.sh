# The ports that a command line for a JVM names: what a debugger, an IDE or a build tool listens at, or connects to.
# To be sourced after network.sh. How the tools write them: docs/how-to/ide.md.
# shellcheck shell=bash

# The words of an argument file or of an environment variable, a line each. Quotes only separate here: a path with a blank comes
# apart, which no word that we look for has.
split_words() { tr -s '"'"'"' \t\r\n\f' '\n'; }

# All words that a JVM and its main class get: from JDK_JAVA_OPTIONS and its like, the command line, and argument files (@FILE).
java_words() { # ARG…
    local each
    split_words <<<"${JDK_JAVA_OPTIONS-} ${JAVA_TOOL_OPTIONS-} ${_JAVA_OPTIONS-}"
    for each in "$@"; do
        # Of a regular file only: a pipe could be read once, and that is the JVM's.
        if [[ $each == @* && -f ${each#@} && -r ${each#@} ]]; then
            split_words <"${each#@}"
        else
            printf '%s\n' "${each//$'\n'/ }"
        fi
    done
}

# Whether a host in an option is this machine's loopback; nothing stands for it too.
is_loopback() { [[ $1 =~ ^(|localhost|127\.[0-9.]+|\[?::1\]?)$ ]]; }

# A debugger: "transport=dt_socket,server=y,suspend=n,address=…", where the address is PORT, HOST:PORT or *:PORT.
find_debug_port() { # OPTIONS
    local options=,$1, address='' host port
    [[ $options != *,transport=dt_shmem,* ]] || return 0
    [[ ! $options =~ ,address=([^,]*), ]] || address=${BASH_REMATCH[1]}
    port=${address##*:} host=
    [[ $address != *:* ]] || host=${address%:*}
    if [[ $options == *,server=y,* ]]; then
        if [[ ${port:-0} =~ ^0+$ ]]; then
            say "the JVM in the VM chooses its debugger's port, which then leads nowhere from here; name one: address=5005"
            return
        fi
        check_port forward "$port"
        forward_ports+=("$port")
    elif is_loopback "$host"; then
        check_port reach "$port"
        reach_ports+=("$port")
    else
        say "the debugger at $address cannot be reached from the VM, which reaches this machine's loopback alone; let it listen at 127.0.0.1"
    fi
}

# Adds to forward_ports and reach_ports what the words name.
find_named_ports() { # ARG…
    local word before='' runner=
    while IFS= read -r word; do
        case $word in
            -agentlib:jdwp=* | -agentpath:*libjdwp.so=*) find_debug_port "${word#*jdwp*=}" ;;
            -Xrunjdwp:*) find_debug_port "${word#*:}" ;;
            # IntelliJ: who may stop the program; and who says when the file with the tests' names is complete.
            -javaagent:*idea_rt.jar=[0-9]*:*)
                word=${word##*idea_rt.jar=}
                add_reach "${word%%:*}"
                ;;
            -Didea.launcher.port=*) add_reach "${word#*=}" ;;
            -socket[0-9]*) [[ $runner != intellij ]] || add_reach "${word#-socket}" ;;
            com.intellij.rt.*) runner=intellij ;;
            # Eclipse, and VS Code with Eclipse's runner or its own for TestNG, whose first argument is the port.
            org.eclipse.jdt.internal.junit*.runner.RemoteTestRunner | org.testng.remote.RemoteTestNG) runner=eclipse ;;
            com.microsoft.java.test.runner.Launcher) runner=microsoft ;;
            # Surefire's <forkNode> over TCP, where it stands in a command line.
            tcp://127.0.0.1:[0-9]* | tcp://localhost:[0-9]*)
                word=${word#tcp://*:}
                add_reach "${word%%[!0-9]*}"
                ;;
            # JMX, by which profilers look into a program.
            -Dcom.sun.management.jmxremote.port=* | -Dcom.sun.management.jmxremote.rmi.port=*) add_forward "${word#*=}" ;;
            *)
                case $runner:$before in
                    eclipse:-port | eclipse:-serport | microsoft:com.microsoft.java.test.runner.Launcher) add_reach "$word" ;;
                esac
                ;;
        esac
        before=$word
    done < <(java_words "$@")
}

# A port that may also be something else: if it is none, the JVM has its own words for it.
add_reach() { if [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= 65535)); then reach_ports+=("$1"); fi; }
add_forward() { if [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= 65535)); then forward_ports+=("$1"); fi; }

# The JVM that started us, through shells or not: Gradle's daemon, Maven, an IDE.
parent_java() {
    local process=$PPID executable
    while ((process > 1)); do
        executable=$(readlink "/proc/$process/exe") || return 1
        if [[ ${executable##*/} == java ]]; then
            echo "$process"
            return
        fi
        # The name of a process may hold blanks and brackets: its parent is the second word after the last of them.
        read -r _ process _ < <(sed 's/.*) //' "/proc/$process/stat") || return 1
    done
    return 1
}

# The ports at which it listens. Gradle tells its worker over stdin where to connect to, Surefire in a file.
find_parent_ports() {
    local parent inodes port inode
    parent=$(parent_java) || return 0
    inodes=" $(find "/proc/$parent/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null | tr -cd '0-9\n' | tr '\n' ' ') "
    while read -r port inode; do
        if [[ $inodes == *" $inode "* && " ${forward_ports[*]} " != *" $port "* ]]; then reach_ports+=("$port"); fi
    done < <(listening)
}
