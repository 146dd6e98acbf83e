# The machine's own package archive, asked for other suites than the machine's: a private apt root in a temporary folder
# (lists, cache, sources). The system's apt is not touched, nothing is installed, no host is named and no version pinned.
# To be sourced after lib.sh.
# shellcheck shell=bash

# Prints the machine's own source stanzas (deb822) of its main archive, for the given suites.
# The main archive is what offers binary packages of component main under a plain suite name ("trixie", no "-security").
deb822_sources() { # SUITES FILE…
    local suites=$1
    shift
    awk -v suites="$suites" '
        function flush(   i, n, each, plain) {
            n = split(value["suites"], each, " ")
            for (i = 1; i <= n; i++) if (each[i] !~ /[-\/]/) plain = 1
            if (plain && (" " value["types"] " ") ~ / deb / && (" " value["components"] " ") ~ / main / \
                    && tolower(value["enabled"]) != "no") {
                printf "Types: deb\nSuites: %s\nComponents: main\n%s\n", suites, kept
            }
            delete value; kept = ""; name = ""
        }
        FNR == 1 { flush() }
        /^#/ { next }
        /^[ \t]*$/ { flush(); next }
        /^[ \t]/ { if (name !~ /^(types|suites|components)$/) kept = kept $0 "\n"; next }
        {
            name = tolower(substr($0, 1, index($0, ":") - 1))
            value[name] = substr($0, index($0, ":") + 1)
            if (name !~ /^(types|suites|components)$/) kept = kept $0 "\n"
        }
        END { flush() }' "$@"
}

# The same for one-line sources: "deb [options] URI suite component…".
oneline_sources() { # SUITES FILE…
    local suites=$1
    shift
    awk -v suites="$suites" '
        $1 != "deb" { next }
        {
            options = ""
            if (match($0, /\[[^]]*\]/)) { options = substr($0, RSTART, RLENGTH); sub(/\[[^]]*\]/, "") }
            if ($3 ~ /[-\/]/ || $4 != "main") next
            n = split(suites, each, " ")
            for (i = 1; i <= n; i++) print "deb", options, $2, each[i], "main"
        }' "$@"
}

# Runs an apt tool with the private root that write_apt_root made.
private_apt() { # ROOT TOOL ARG…
    local root=$1 tool=$2
    shift 2
    "$tool" -o Dir::State::Lists="$root/lists" -o Dir::Cache="$root/cache" \
        -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$root/sources" \
        -o Dir::Etc::PreferencesParts=/dev/null -o Dir::Etc::Preferences=/dev/null \
        -o APT::Sandbox::User= -o Acquire::Languages=none -o APT::Default-Release= \
        -o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache=srcpkgcache.bin "$@"
}

# Makes a private apt root for the given suites of the machine's archive and fetches its lists.
# Fails where the machine names no archive; a suite that the archive lacks is passed over.
make_apt_root() { # ROOT SUITES
    local root=$1 suites=$2 etc=${UBLKDISK_APT_ETC:-/etc/apt}
    mkdir -p "$root"/{lists/partial,cache/archives/partial,sources}
    shopt -s nullglob
    local sources=("$etc"/sources.list.d/*.sources) lists=("$etc"/sources.list.d/*.list)
    shopt -u nullglob
    [[ ! -s $etc/sources.list ]] || lists=("$etc/sources.list" "${lists[@]}")
    ((${#sources[@]} == 0)) || deb822_sources "$suites" "${sources[@]}" >"$root/sources/machine.sources"
    ((${#lists[@]} == 0)) || oneline_sources "$suites" "${lists[@]}" >"$root/sources/machine.list"
    cat "$root"/sources/* 2>/dev/null | grep -q . || return 1
    private_apt "$root" apt-get -qq update >"$root/update.log" 2>&1 || true
}

# Downloads packages from a private root, and unpacks them beside it.
unpack_packages() { # ROOT TARGET-FOLDER PACKAGE[=VERSION|/SUITE]…
    local root=$1 target=$2 each
    shift 2
    (cd "$root/cache" && private_apt "$root" apt-get -qq download "$@") >&2 || return 1
    for each in "$root"/cache/*.deb; do dpkg-deb -x "$each" "$target" || return 1; done
}

