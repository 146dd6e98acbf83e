# Which Java vm/java runs. To be sourced by vm/java/bin/java, before anything else; `self` is that script.
#
#   1. UBLKDISK_JAVA_HOME
#   2. the Java of the build that starts us: our parent process, if that is one (Maven, Gradle's daemon, an IDE)
#   3. JAVA_HOME
#   4. the PATH
# A build tool sets JAVA_HOME to the folder that it takes us for: our own. That never counts.
# shellcheck shell=bash

# The file that a path leads to, if it can be run and is not this script.
real_java() { # FILE
    local found
    found=$(readlink -f "$1") && [[ -f $found && -x $found && $found != "$self" ]] && echo "$found"
}

# The Java that started us, with the number of its process: our parent, also through `sh -c`, as Surefire does it.
# If JAVA_HOME is our own folder, a build has set it, and its Java is one of our ancestors, however far up.
java_of_build() {
    local pid=$PPID exe words far=
    [[ ! ${JAVA_HOME:-} -ef ${self%/bin/java} ]] || far=yes
    while ((pid > 1)); do
        exe=$(readlink "/proc/$pid/exe") || return 1
        if [[ ${exe##*/} == java && -x $exe ]]; then
            echo "$pid $exe"
            return
        fi
        mapfile -d '' -n 2 words <"/proc/$pid/cmdline"
        [[ $far || ${words[1]-} == -*c ]] || return 1
        pid=$(awk '$1 == "PPid:" { print $2 }' "/proc/$pid/status")
    done
    return 1
}

# Sets `java` and `java_because`, and JAVA_HOME to that Java's home.
choose_java() {
    local found each
    if [[ ${UBLKDISK_JAVA_HOME:-} ]]; then
        java=$(real_java "$UBLKDISK_JAVA_HOME/bin/java") || {
            echo "ublkdisk vm: UBLKDISK_JAVA_HOME='$UBLKDISK_JAVA_HOME' has no bin/java that can be run; name the folder of a JDK" >&2
            exit 2
        }
        java_because="from UBLKDISK_JAVA_HOME"
    elif found=$(java_of_build); then
        java=${found#* }
        java_because="which runs this build (process ${found%% *})"
    elif [[ ${JAVA_HOME:-} ]] && java=$(real_java "$JAVA_HOME/bin/java"); then
        java_because="from JAVA_HOME"
    else
        java=
        while read -r each; do
            ! java=$(real_java "$each") || break
        done < <(type -aP java)
        [[ $java ]] || {
            echo "ublkdisk vm: no JDK found: set UBLKDISK_JAVA_HOME or JAVA_HOME to a JDK's folder, or put java on the PATH (Debian: apt-get install default-jdk-headless)" >&2
            exit 2
        }
        java_because="from the PATH"
    fi
    export JAVA_HOME=${java%/bin/java}
}

tell_java() {
    [[ ${UBLKDISK_VM_QUIET:-} ]] || echo "ublkdisk vm: Java is $JAVA_HOME, $java_because" >&2
}
