# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Paths, users, and the output of steps. Read by ./certhall and tests/run.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ME=$(id -un)
if [ "$(id -u)" = 0 ]; then
    AS_ROOT=yes
    STATE=${CERTHALL_STATE:-/var/lib/certhall}
    USER_NGINX=certhall-nginx USER_RUNNER=certhall-runner USER_SIGNER=certhall-signer USER_PG=certhall-pg
    USER_LOGS=certhall-logs # reads the logs, and nothing else
    USER_BUILD=certhall-build # runs what the packages of npm bring along, and owns nothing but the build of the pages
else
    AS_ROOT=
    STATE=${CERTHALL_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/certhall}
    USER_NGINX=$ME USER_RUNNER=$ME USER_SIGNER=$ME USER_PG=$ME USER_LOGS=$ME USER_BUILD=$ME
fi
# Every module runs as a system user of its own; the sandbox's other programs run as the sandbox's.
module_user() { if [ -n "$AS_ROOT" ]; then echo "certhall-$1"; else echo "$ME"; fi; }
BUILD=${CERTHALL_BUILD:-$STATE/build}
MODULE_LIST=${CERTHALL_LIST:-$TOP/modules/LIST}
# The port is stored in the state folder.
PORT=${CERTHALL_PORT:-$(cat "$STATE/port" 2>/dev/null || echo 8080)}
ORIGIN=http://127.0.0.1:$PORT
DESK_ORIGIN=http://desk.localhost:$PORT # a name: browsers use no passkeys at an address

export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }
die() {
    printf 'certhall: %s\n' "$*" >&2
    exit 1
}

# When a script ends in the middle of a step, it says in which step.
trap '[ $? = 0 ] || [ -z "${STEP-}" ] || echo "certhall: stopped at: $STEP" >&2' EXIT

# step WHAT COMMAND…: runs the command and prints how long it took. A step that had nothing to do sets SKIPPED=yes.
step() {
    local what=$1 begun=${EPOCHREALTIME/./} ms
    shift
    SKIPPED=
    STEP=$what
    "$@"
    STEP=
    ms=$(((${EPOCHREALTIME/./} - begun) / 1000))
    printf '  %-34s %3d.%d s%s\n' "$what" $((ms / 1000)) $((ms % 1000 / 100)) "${SKIPPED:+  (as it was)}"
}

# logged FILE COMMAND…: writes the command's output to the file, which programs of the hall cannot read. When the command fails, the
# end of the output is shown and the script ends.
logged() {
    LOG=$1
    install -m 640 /dev/null "$LOG"
    shift
    LOGGED=$*
    (
        exec 3>&2 >"$LOG" 2>&1 </dev/null
        trap '[ $? = 0 ] || { tail -n 30 "$LOG"; echo "certhall: failed: $LOGGED (all of its output: $LOG)"; } >&3' EXIT
        "$@"
    )
}

# as USER COMMAND…
as() {
    local user=$1
    shift
    if [ "$user" = "$ME" ]; then
        "$@"
    else
        setpriv --reuid="$user" --regid="$user" --init-groups --inh-caps=-all -- env HOME=/ "$@"
    fi
}

# The modules of modules/LIST that are built; those of them that run: the sandbox only if it is switched on.
built_modules() {
    local m
    while read -r m; do
        if has_program "certhall-$m"; then echo "$m"; fi
    done <"$MODULE_LIST"
}
modules() { if sandbox_on; then built_modules; else built_modules | grep -vx sandbox; fi; }
has_program() { [ -x "$STATE/bin/$1" ]; }

# The other programs that are kept running: name, user, executable.
daemons() {
    local line
    for line in "signer $USER_SIGNER certhall-signer" "runner $USER_RUNNER certhall-runner"; do
        if has_program "${line##* }"; then echo "$line"; fi
    done
    sandbox_on || return 0
    for line in sandbox-clock sandbox-mail; do
        if has_program "certhall-$line"; then echo "$line $(module_user sandbox) certhall-$line"; fi
    done
}

setting_in() { [ ! -f "$STATE/$1" ] || sed -n "s/^[ \t]*$2[ \t]*=[ \t]*//p" "$STATE/$1" | tail -n 1; }
setting() { setting_in hall.conf "$1"; }
default_of() { sed -n 's/.*"'"$1"'", *CH_CONF_[A-Z]*, *"\([^"]*\)".*/\1/p' "$TOP/core/base/config.tbl"; }
# A hall whose operator has switched the sandbox off has no file of it.
sandbox_wanted() { [ "$(setting_in local.conf sandbox)" != no ]; }
sandbox_on() { [ "$(setting sandbox)" = yes ] && has_program certhall-sandbox; }

# Paths of Unix sockets have at most 107 bytes: a state folder with a long path gets a short folder for its sockets.
run_folder() {
    local short
    if [ ${#STATE} -le 70 ]; then
        echo "$STATE/run"
        return
    fi
    short=certhall-$(id -u)-$(sha256sum <<<"$STATE" | cut -c1-10)
    if [ -n "$AS_ROOT" ]; then echo "/run/$short"; else echo "${XDG_RUNTIME_DIR:-/tmp}/$short"; fi
}
RUN=$(run_folder)

# hash_of PATHS…: a hash over the names within the checkout and the contents of all files.
hash_of() {
    { find -H "$@" -name node_modules -prune -o -type f -print0 2>/dev/null || true; } | sort -z | xargs -0r sha256sum |
        sed "s,  $TOP/,  ," | sha256sum | cut -c1-32
}

# put FILE [MODE]: writes standard input to the file, by renaming; true when that changed the file.
put() {
    local new="$1.new"
    cat >"$new"
    chmod "${2:-644}" "$new"
    if cmp -s "$new" "$1"; then
        rm "$new"
        return 1
    fi
    mv "$new" "$1"
}

# stamp NAME VALUE: records with which value a step was done; stamped NAME VALUE: whether it was last done with that value.
stamp() { printf '%s\n' "$2" >"$STATE/stamps/$1"; }
stamped() { [ "$(cat "$STATE/stamps/$1" 2>/dev/null)" = "$2" ]; }
