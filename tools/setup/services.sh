# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Starting, stopping and restarting the programs that supervisor keeps running.

ctl() { supervisorctl -c "$STATE/supervisord.conf" "$@"; }

supervisor_pid() {
    local pid
    pid=$(cat "$RUN/supervisord.pid" 2>/dev/null) || return 1
    if [ -S "$RUN/supervisor.sock" ] && kill -0 "$pid" 2>/dev/null; then echo "$pid"; else return 1; fi
}

program_runs() { ctl status "$1" 2>/dev/null | grep -q RUNNING; }

start_supervisor() {
    local options
    if supervisor_pid >/dev/null; then
        SKIPPED=yes
        if ! stamped supervisor "$(hash_of "$STATE/supervisord.conf")"; then
            SKIPPED=
            ctl update >/dev/null
        fi
    else
        rm -f "$RUN/supervisor.sock"
        # It must neither keep this script's lock nor its terminal, and what it starts gets nothing of this script's environment
        # but the options of sanitizers. Nothing that it starts leaves a core file
        # or a log that others can read.
        mapfile -t options < <(env | grep -E '^[A-Z]+SAN_OPTIONS=')
        (
            umask 027
            ulimit -c 0
            exec env -i PATH="$PATH" LC_ALL="$LC_ALL" "${options[@]}" \
                "$TOP/tools/setup/supervisord" -c "$STATE/supervisord.conf" 9>&- </dev/null >/dev/null
        )
    fi
    stamp supervisor "$(hash_of "$STATE/supervisord.conf")"
}

# control start|restart NAME…: on failure the end of the program's log is shown.
control() {
    local out name
    out=$(ctl "$@") || true
    if grep -q ERROR <<<"$out"; then
        for name in "${@:2}"; do tail -qn 5 "$STATE/log/${name%%:*}"*.log >&2; done
        die "$out"
    fi
}

# The executable and the settings with which a program was started.
version_of() { sha256sum "$1" "$STATE/hall.conf" | sha256sum; }

# start_or_renew NAME EXECUTABLE PROCESSES…: starts what does not run. What runs in an older version is restarted, one
# process after the other, so that a module's socket is always served.
start_or_renew() {
    local name=$1 version process still=()
    version=$(version_of "$2")
    shift 2
    for process in "$@"; do
        if ! grep -q "^$process .*RUNNING" <<<"$STATUS"; then
            still+=("$process")
        elif ! stamped "started.$name" "$version"; then
            control restart "$process"
        fi
    done
    if [ ${#still[@]} = 2 ]; then still=("$name:*"); fi
    if [ ${#still[@]} -gt 0 ]; then control start "${still[@]}"; fi
    stamp "started.$name" "$version"
}

start_programs() {
    local m name program pid pids=()
    STATUS=$(ctl status || true)
    while read -r name _ program; do
        start_or_renew "$name" "$STATE/bin/$program" "$name" &
        pids+=($!)
    done < <(daemons)
    if logs_are_sent; then
        start_or_renew logs "$STATE/syslog-ng.conf" logs &
        pids+=($!)
    fi
    for m in $(modules); do
        start_or_renew "$m" "$STATE/bin/certhall-$m" "$m:${m}_0" "$m:${m}_1" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }

start_nginx() {
    local hash log
    hash=$(hash_of "$STATE/nginx" "$(setting tls_certificate)" "$(setting tls_key)")
    if program_runs nginx && stamped nginx "$hash"; then
        SKIPPED=yes
        return
    fi
    # shellcheck disable=SC2046
    logged "$STATE/log/nginx-check.log" setpriv $(confined_nginx) -- /usr/sbin/nginx -t -q -e stderr -p "$STATE" -c "$STATE/nginx/nginx.conf"
    log=$(hash_of "$STATE/nginx/run" "$STATE/nginx/log.sed")
    if program_runs nginx && stamped nginx-log "$log"; then
        control signal HUP nginx
    elif program_runs nginx; then # what filters its log is only read at its start
        control restart nginx
    else
        if port_is_taken; then die "port $PORT is in use; name another one in CERTHALL_PORT"; fi
        trim_access_log
        control start nginx
    fi
    stamp nginx-log "$log"
    stamp nginx "$hash"
}

trim_access_log() {
    local log=$STATE/log/nginx/access.log
    if [ "$(stat -c %s "$log" 2>/dev/null || echo 0)" -gt 50000000 ]; then mv "$log" "$log.1"; fi
}

answers() { [ "$(curl -s -o /dev/null -m 3 -w '%{http_code}' "$ORIGIN/healthz")" = 200 ]; }

wait_until_it_answers() {
    for _ in $(seq 200); do
        if answers; then return; fi
        sleep 0.1
    done
    ctl status >&2 || true
    tail -qn 5 "$STATE"/log/*.log >&2
    die "the hall does not answer at $ORIGIN/healthz"
}

stop_all() {
    local pid
    if ! pid=$(supervisor_pid); then
        say "nothing runs in $STATE"
        return
    fi
    ctl stop nginx >/dev/null || true
    ctl shutdown >/dev/null
    for _ in $(seq 300); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    die "supervisord ($pid) does not end"
}
