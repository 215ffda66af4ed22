# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Users, folders, and the files for nginx, supervisor and the programs, all made from modules/LIST and the templates in
# nginx/.

# The loopback hosts of the sandbox's vendors that are reached over HTTP; its mail server is 127.0.0.20.
mapfile -t VENDORS < <(sed -nE 's/^SANDBOX_ADDRESS\(\w+, "http", ([0-9]+),.*/127.0.0.\1/p' "$TOP"/modules/sandbox/*/vendor.tbl | sort -u)

make_user() {
    if ! id "$1" >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$1" ||
            id "$1" >/dev/null # another installation on this machine has just made it
        say "  made the system user $1"
    fi
}

# Whether a program of another installation on this machine, which may be newer and need other groups, runs as that user.
runs_elsewhere() {
    local pid program
    for pid in $(pgrep -u "$1"); do
        program=$(readlink "/proc/$pid/exe") || continue # it has ended
        case $program in "$STATE"/*) ;; *) return 0 ;; esac
    done
    return 1
}

# set_groups NAME GROUPS…: brings the user's groups up to date. The users belong to all installations on this machine: none is taken
# from a user of whom another one runs a program.
set_groups() {
    local name=$1 groups had add=
    shift
    groups=$(printf '%s\n' "$@" | sort | paste -sd,)
    had=$(id -nG "$name" | tr ' ' '\n' | sed "/^$name\$/d" | sort | paste -sd,)
    if [ "$groups" = "$had" ]; then return; fi
    if runs_elsewhere "$name"; then add=-a; fi
    usermod $add -G "$groups" "$name"
}

make_group() { getent group "$1" >/dev/null || groupadd --system --force "$1"; }

# The groups of what several programs share: folders of keys, papers, the state of the calls to vendors.
shared_groups() {
    key_folders | sed 's/^/key-/'
    printf '%s\n' store vendors
}
key_folders() { sed -n 's/^CH_FOLDER([A-Z_]*, *"\([a-z]*\)".*/\1/p' "$TOP/core/crypto/folders.tbl"; }

# The groups of a program's user: the one that may read the settings, and those that the program names.
groups_of() {
    echo certhall
    "$STATE/bin/$1" --groups | sed 's/^/certhall-/'
}

make_users() {
    local m group groups
    make_group certhall
    for group in $(shared_groups); do make_group "certhall-$group"; done
    make_user "$USER_NGINX"
    make_user "$USER_PG"
    make_user "$USER_LOGS"
    for m in runner signer $(built_modules); do
        make_user "$(module_user "$m")"
        if has_program "certhall-$m"; then
            groups=$(groups_of "certhall-$m")
            # shellcheck disable=SC2086
            set_groups "$(module_user "$m")" $groups
        fi
    done
}

# folder MODE OWNER GROUP PATH…
folder() {
    local mode=$1 owner=$2 group=$3
    shift 3
    if [ -n "$AS_ROOT" ]; then install -d -m "$mode" -o "$owner" -g "$group" "$@"; else install -d -m 700 "$@"; fi
}

# The folders that a build needs, before it is known which users there are.
make_state() {
    if [ -e "$STATE" ] && [ ! -e "$STATE/.certhall" ] && [ -n "$(find "$STATE" -mindepth 1 -maxdepth 1 ! -name lock -print -quit)" ]; then
        die "$STATE is there and is no state folder of certhall; name another one in CERTHALL_STATE"
    fi
    folder 711 root root "$STATE"
    mkdir -p "$STATE/log"
    folder 755 root root "$STATE/bin" "$STATE/www" "$STATE/nginx" "$STATE/nginx/modules" "$STATE/nginx/desk" "$STATE/nginx/.problem" "$STATE/stamps" "$STATE/cmp"
    touch "$STATE/.certhall"
    mkdir -p "$BUILD"
    echo "$PORT" >"$STATE/port"
    if [ -n "$AS_ROOT" ]; then make_user "$USER_BUILD"; fi
}

# Who may enter what. Folders that a group shares pass it on to the files that are made in them.
make_folders() {
    local m f
    if [ -n "$AS_ROOT" ]; then make_users; fi
    folder 711 root root "$STATE/keys" "$STATE/tmp"
    for f in $(key_folders); do folder 2750 root "certhall-key-$f" "$STATE/keys/$f"; done
    folder 2770 root certhall-store "$STATE/store"
    folder 2755 root "$USER_LOGS" "$STATE/log"
    folder 2750 "$USER_NGINX" "$USER_LOGS" "$STATE/log/nginx"
    folder 700 "$USER_LOGS" "$USER_LOGS" "$STATE/tmp/logs"
    folder 700 "$USER_NGINX" "$USER_NGINX" "$STATE/tmp/nginx"
    folder 700 "$USER_SIGNER" "$USER_SIGNER" "$STATE/signer" "$STATE/tmp/signer"
    folder 755 "$USER_SIGNER" "$USER_SIGNER" "$STATE/anchor" # whose passkeys count: written by the signer, read by who checks signatures
    folder 700 "$USER_RUNNER" "$USER_RUNNER" "$STATE/tokens" "$STATE/tmp/runner"
    folder 700 "$USER_PG" "$USER_PG" "$STATE/pg" "$STATE/tmp/pg"
    for m in $(built_modules); do folder 700 "$(module_user "$m")" "$(module_user "$m")" "$STATE/tmp/$m"; done
    if has_program certhall-sandbox; then folder 700 "$(module_user sandbox)" "$(module_user sandbox)" "$STATE/sandbox"; fi
    folder 711 root root "$RUN"
    folder 755 "$USER_PG" "$USER_PG" "$RUN/pg"
    # Shared only by signer and runner: the socket, and the key of the PINs.
    folder 2750 "$USER_SIGNER" "$USER_RUNNER" "$RUN/signer" "$STATE/pin"
    folder 750 root "$USER_NGINX" "$RUN/fcgi"
    folder 755 "$USER_NGINX" "$USER_NGINX" "$RUN/nginx"
    folder 2770 root certhall-vendors "$RUN/vendors"
    if [ "$(stat -c %u "$RUN")" != "$(id -u)" ]; then die "$RUN belongs to somebody else"; fi
    if ! as "$USER_NGINX" test -x "$STATE/bin"; then
        die "user $USER_NGINX cannot reach $STATE (a folder above it is closed); name another one in CERTHALL_STATE"
    fi
}

# The settings: those that follow from paths and port, then the sandbox's, and last the operator's, which take precedence.
write_settings() {
    put "$STATE/profiles.json" <"$TOP/core/pki/profiles.json" || true # one of your own: setting profiles in local.conf
    put "$STATE/hall.conf" 640 <<EOF || true
# Made by ./certhall up. Your own settings belong into local.conf beside this file; the last line with a key counts.
db = host=$RUN/pg dbname=certhall
sandbox_db = host=$RUN/pg dbname=certhall_sandbox
origin = $ORIGIN
desk_origin = $DESK_ORIGIN
installation = p$PORT
keys = $STATE/keys
store = $STATE/store
disk_folders = $STATE/store,$STATE/pg,$STATE/log,$STATE/tmp
signer = $RUN/signer/signer.sock
signer_keys = $STATE/signer
roster = $STATE/anchor
profiles = $STATE/profiles.json
common_passwords = $STATE/common_passwords
signer_peers = $(signer_peers)
pin_key = $STATE/pin/pin.key
cmp = $STATE/cmp
vendor_state = $RUN/vendors/state
tokens = $STATE/tokens
sandbox = yes
cmb_poll_seconds = 2
cmb_entries_seconds = 2
sandbox_keys = $STATE/sandbox
$(cat "$STATE/sandbox.conf" "$STATE/local.conf" 2>/dev/null)
EOF
    if [ -n "$AS_ROOT" ]; then chgrp certhall "$STATE/hall.conf"; fi
}

signer_peers() { if [ -n "$AS_ROOT" ]; then echo "$USER_RUNNER"; fi; }

# fill TEMPLATE NAME=VALUE…: prints the template with each @NAME@ replaced.
fill() {
    local text pair
    text=$(<"$1")
    shift
    for pair in "STATE=$STATE" "RUN=$RUN" "PORT=$PORT" "$@"; do
        text=${text//"@${pair%%=*}@"/"${pair#*=}"}
    done
    printf '%s\n' "$text"
}

html() { sed 's/&/\&amp;/g; s/</\&lt;/g' <<<"$1"; }

# plain_page TITLE TEXT: a page without scripts, in the hall's colours, that names whom to call. TEXT is HTML.
plain_page() {
    local brand hotline
    brand=$(setting brand_name)
    hotline=$(setting brand_hotline)
    : "${brand:=$(default_of brand_name)}" "${hotline:=$(default_of brand_hotline)}"
    fill "$TOP/nginx/problem.html.in" "TITLE=$1" "TEXT=$2" "BRAND=$(html "$brand")" "HOTLINE=$(html "$hotline")" \
        "TEL=${hotline//[^0-9+]/}"
}

# problem STATUS "STATUSES" [HEADER [FURTHER-LINES TEXT]]: locations with the sentence of core/base/errors.tbl, for programs and as a
# page.
problem() {
    local row word sentence text=${5-"您可以<a href=\"/\">返回首页</a>。"}
    row=$(grep -m1 -E "^CH_ERR\([A-Z_]+, +$1," "$TOP/core/base/errors.tbl")
    word=$(cut -d'"' -f2 <<<"$row")
    sentence=$(cut -d'"' -f4 <<<"$row")
    plain_page "${sentence%。}" "$text" >"$STATE/nginx/.problem/$word.html"
    fill "$TOP/nginx/problem.conf.in" "STATUSES=$2" "HEADER=${3-}" "MORE=${4-}" "STATUS=$1" "WORD=$word" "SENTENCE=$sentence"
}

problems() {
    plain_page 无法在这个浏览器中打开 '网上营业厅需要较新的浏览器，并允许运行 JavaScript。请使用新版的 Chrome、Edge、Firefox 或 Safari；360、搜狗等双核浏览器请切换到“极速模式”；如果在浏览器设置中关闭了 JavaScript，请重新允许，然后<a href="/">打开首页</a>。您已经保存的内容不会丢失。' \
        >"$STATE/nginx/.problem/old_browser.html"
    problem 400 '400 408 411 412 414 416 417 421 494 497 501 505'
    problem 404 '403 404'
    problem 405 405 'add_header Allow "GET, HEAD" always;'
    problem 413 413
    problem 429 429 'add_header Retry-After 1 always;'
    # shellcheck disable=SC2016
    problem 503 '500 502 503 504' 'add_header Retry-After 2 always;' \
        'if ($http_accept ~ text/html) { rewrite ^ /.problem/unavailable.html last; }' \
        '服务正在重新启动或暂时没有响应。您已填写并保存的内容不会丢失，请过几秒<a href="">重新打开本页</a>。'
}

# share N: a limit that is N at the usual rate of 50 requests a second, in proportion; nginx takes no more than 65535.
share() {
    local n=$(($1 * ${CERTHALL_RATE:-50} / 50))
    echo $((n < 1 ? 1 : n > 60000 ? 60000 : n))
}

# A module's locations at the hall's host stand in its nginx.conf, those at the back office's in its desk.conf. One that has neither is reached
# at /<project>/api/<module>.
module_locations() {
    local own=$TOP/modules/$1 conf=$STATE/nginx
    if [ -f "$own/desk.conf" ]; then cp "$own/desk.conf" "$conf/desk/$1.conf"; fi
    if [ -f "$own/nginx.conf" ]; then
        fill "$own/nginx.conf" "CHECKS=$(share 3)" "CHECKS_ALL=$(share 10)" "LISTS=$(share 64)" >"$conf/modules/$1.conf"
    elif [ ! -f "$own/desk.conf" ]; then
        echo "location ~ ^/[a-z0-9-]+/api/$1(/|\$) { include module.conf; fastcgi_pass $1; }" >"$conf/modules/$1.conf"
    fi
}

# The host in an origin.
host_in() { sed -E 's,^[a-z]+://,,; s,:[0-9]+$,,' <<<"$1"; }

# nginx tells hall and back office apart by the host, and passkeys belong to a name.
check_desk_origin() {
    local desk
    desk=$(setting desk_origin)
    [[ $desk =~ ^https?://[a-z0-9.-]*[a-z][a-z0-9.-]*(:[0-9]{1,5})?$ ]] ||
        die "desk_origin = $desk: scheme, a name in small letters and perhaps a port, as in https://desk.hall.example"
    [ "$(host_in "$desk")" != "$(host_in "$(setting origin)")" ] ||
        die "desk_origin = $desk: the back office needs a host of its own, not that of origin"
}

tls_addresses() { setting tls_listen | tr ',' '\n' | tr -d ' \t' | sed '/^$/d'; }

# What the settings have of TLS must fit, since nginx would say neither which setting is wrong nor why.
check_tls() {
    local address key
    if [ -z "$(setting tls_listen)$(setting tls_certificate)$(setting tls_key)" ]; then return; fi
    for key in tls_listen tls_certificate tls_key; do
        [ -n "$(setting $key)" ] || die "$key is empty: tls_listen, tls_certificate and tls_key are set together or not at all"
    done
    while read -r address; do
        [[ $address =~ ^(([0-9.]+|\[[0-9A-Fa-f:]+\]):)?[0-9]{1,5}$ ]] ||
            die "tls_listen: '$address' is not an address and a port, as in 0.0.0.0:443 or [::]:443"
    done < <(tls_addresses)
    for key in origin desk_origin; do
        [[ $(setting $key) = https://* ]] || die "$key = $(setting $key): with tls_listen it begins with https://"
    done
    check_tls_files "$(setting tls_certificate)" "$(setting tls_key)"
}

# check_tls_files CERTIFICATE KEY
check_tls_files() {
    local file of_certificate of_key
    for file in "$@"; do
        [[ $file = /* ]] || die "$file, which tls_certificate or tls_key names, is not an absolute path"
        as "$USER_NGINX" test -f "$file" -a -r "$file" || die "user $USER_NGINX cannot read $file, which tls_certificate or tls_key names"
    done
    of_certificate=$(as "$USER_NGINX" openssl x509 -in "$1" -noout -pubkey 2>/dev/null) || die "tls_certificate: $1 has no certificate in PEM"
    of_key=$(as "$USER_NGINX" openssl pkey -in "$2" -passin pass: -pubout 2>/dev/null) || die "tls_key: $2 has no key in PEM without a passphrase"
    [ "$of_certificate" = "$of_key" ] || die "tls_key: the key in $2 does not belong to the certificate in $1"
}

# The lines of a server that speaks TLS, too. Only one server may have the OPTIONS of listening.
tls_lines() {
    local address
    [ -n "$(setting tls_listen)" ] || return 0
    while read -r address; do echo "    listen $address ssl http2${1:+ $1};"; done < <(tls_addresses)
    echo "    include $STATE/nginx/tls.conf;"
}

# CERTHALL_RATE: the number of requests per second that one address may send to the modules; a tenth of it for log-ins, a
# fifth for uploads. The limits of requests at once are in proportion.
write_nginx() {
    local m address conf=$STATE/nginx page=/none rate=${CERTHALL_RATE:-50}
    rm -f "$conf"/{modules,desk}/*.conf
    for m in $(modules); do
        module_locations "$m"
        fill "$TOP/nginx/upstream.conf.in" "MODULE=$m"
    done >"$conf/upstreams.conf"
    sandbox_on && page=/sandbox.html
    {
        fill "$TOP/nginx/hall.conf.in" ADDRESS=127.0.0.1 "SANDBOX_PAGE=$page" "TLS=$(tls_lines default_server backlog=511)" \
            "DESK_ORIGIN=$(setting desk_origin)"
        fill "$TOP/nginx/desk.conf.in" ADDRESS=127.0.0.1 "TLS=$(tls_lines)" "DESK_NAME=$(host_in "$(setting desk_origin)")"
        if sandbox_on; then
            for address in "${VENDORS[@]}"; do fill "$TOP/nginx/vendor.conf.in" "ADDRESS=$address"; done
        fi
    } >"$conf/servers.conf"
    problems >"$conf/problems.conf"
    fill "$TOP/nginx/site.conf.in" >"$conf/site.conf"
    fill "$TOP/nginx/headers.conf.in" >"$conf/headers.conf"
    fill "$TOP/nginx/page.conf.in" >"$conf/page.conf"
    fill "$TOP/nginx/project.conf.in" >"$conf/project.conf"
    fill "$TOP/nginx/module.conf.in" "BURST_API=$((rate * 4))" >"$conf/module.conf"
    if [ -n "$(setting tls_listen)" ]; then
        fill "$TOP/nginx/tls.conf.in" "CERTIFICATE=$(setting tls_certificate)" "KEY=$(setting tls_key)" >"$conf/tls.conf"
    fi
    fill "$TOP/nginx/uploads.conf.in" "UPLOADS=$(share 12)" "UPLOADS_ALL=$(share 128)" >"$conf/uploads.conf"
    cp "$TOP/nginx/log.sed" "$conf/log.sed"
    fill "$TOP/nginx/run.sh.in" >"$conf/run"
    chmod 755 "$conf/run"
    fill "$TOP/nginx/nginx.conf.in" "WORKERS=$(nproc)" "RATE_API=$rate" "RATE_STATUS=$((rate * 20))" \
        "RATE_LOGIN=$(((rate + 9) / 10))" "RATE_UPLOAD=$(((rate + 4) / 5))" >"$conf/nginx.conf"
}

logs_are_sent() { [ -n "$(setting log_server)" ]; }

check_log_server() {
    local ca
    ca=$(setting log_server_ca)
    logs_are_sent || return 0
    [[ $(setting log_server) =~ ^[A-Za-z0-9.-]+:[0-9]{1,5}$ ]] || die "log_server = $(setting log_server) is not a host and a port, as in logs.example:6514"
    [ -z "$ca" ] || as "$USER_LOGS" openssl x509 -in "$ca" -noout 2>/dev/null ||
        die "log_server_ca: user $USER_LOGS reads no certificate in PEM in $ca"
    need_packages 'To send logs to another machine'
}

log_sender_file() {
    local server ca transport=tcp tls=
    server=$(setting log_server) ca=$(setting log_server_ca)
    if [ -n "$ca" ]; then transport=tls tls=" tls(ca-file(\"$ca\") peer-verify(required-trusted))"; fi
    fill "$TOP/tools/setup/syslog-ng.conf.in" "SERVER=${server%:*}" "SERVER_PORT=${server##*:}" "TRANSPORT=$transport" "TLS=$tls"
}

# confined USER [CAPABILITY]: the rights with which supervisor starts a program of a user, as options of setpriv. The programs give up more
# themselves (core/base/harden.h); nginx and PostgreSQL have this alone. Only root can empty the set of capabilities that could be regained.
confined() {
    local kept=${2:+,+$2}
    printf -- '--no-new-privs'
    if [ -n "$AS_ROOT" ]; then
        printf -- ' --reuid=%s --regid=%s --init-groups' "$1" "$1"
        printf -- ' --%s=-all%s' inh-caps "$kept" ${kept:+ambient-caps "$kept"} bounding-set "$kept"
    fi
}

# nginx alone may keep a capability, where it is to listen at a port below 1024.
confined_nginx() {
    local address kept=
    for address in $(tls_addresses); do
        if [ "${address##*:}" -lt 1024 ]; then kept=net_bind_service; fi
    done
    confined "$USER_NGINX" "$kept"
}

# supervised KIND NAME USER PRIORITY STOPSIGNAL COMMAND [FURTHER LINES]
supervised() {
    cat <<EOF

[$1:$2]
command=/usr/bin/setpriv --pdeathsig $5 $(if [ "$2" = nginx ]; then confined_nginx; else confined "$3"; fi) -- $6
directory=/
environment=CERTHALL_CONF="$STATE/hall.conf",HOME="$STATE/tmp/$(home_of "$2")",XDG_CACHE_HOME="$STATE/tmp/$(home_of "$2")/cache",LC_ALL="C.UTF-8"
priority=$4
autostart=false
autorestart=true
startsecs=${STARTSECS:-1}
startretries=1000000
stopsignal=$5
stopwaitsecs=${STOPSECS:-15}
redirect_stderr=true
stdout_logfile=$STATE/log/$2.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=4
${7-}
EOF
}

# The sandbox's programs share a user, and so a folder.
home_of() { case $1 in sandbox-*) echo sandbox ;; *) echo "$1" ;; esac; }

# Each module has two processes on one socket, which supervisor holds, so that no request is lost when they are restarted one
# after the other. Only nginx may connect to it.
module_lines() {
    cat <<EOF
stdout_logfile=$STATE/log/%(program_name)s.%(process_num)d.log
process_name=%(program_name)s_%(process_num)d
numprocs=2
socket=unix://$RUN/fcgi/$1.sock
socket_backlog=511
socket_mode=0600
${AS_ROOT:+socket_owner=$USER_NGINX:$USER_NGINX}
EOF
}

# How many connections to the database each program may have at once, as lines of program and number: those of its processes, and what a
# restart overlaps, since the new process connects while the server still ends what the old one had. So none takes those of the others.
program_connections() {
    local pool m
    pool=$(setting db_pool)
    : "${pool:=$(default_of db_pool)}"
    for m in $(modules); do
        if [ "$m" != sandbox ]; then echo "$m $((4 * pool + 2))"; fi # two pools, both old and new, and what has read the keys
    done
    if sandbox_on; then echo "sandbox $((4 * pool + 4))"; fi # with its clock and mail
    echo 'runner 9' # four threads
    echo 'signer 4'
    echo 'admin 10'
}

# The number of connections that the database must allow: those of all programs, and of the owner.
database_connections() { program_connections | awk '{ n += $2 } END { print n + 20 }'; }

# An error's text, detail, statement and context may have the values of a row or of parameters. PostgreSQL therefore logs no errors of
# statements: the programs do that, without values (core/db/db.c). These settings are part of the command, where no file overrules them.
log_nothing_personal() {
    printf ' -c %s' log_min_messages=log log_min_error_statement=panic log_error_verbosity=terse log_statement=none \
        log_parameter_max_length=0 log_parameter_max_length_on_error=0
}

supervisor_file() {
    local m name user program pg own
    pg="$STATE/bin/start-postgres $STATE/pg $(pg_bin)/postgres -D $STATE/pg -k $RUN/pg -c listen_addresses= -c logging_collector=off -c max_connections=$(database_connections)$(log_nothing_personal)"
    cat <<EOF
; Made by ./certhall.
[unix_http_server]
file=$RUN/supervisor.sock
chmod=0700

[supervisord]
logfile=$STATE/log/supervisord.log
logfile_maxbytes=10MB
pidfile=$RUN/supervisord.pid
childlogdir=$STATE/log
identifier=certhall
umask=027
${AS_ROOT:+user=root}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://$RUN/supervisor.sock
EOF
    STOPSECS=300 supervised program pg "$USER_PG" 10 INT "$pg" # it writes what it has in memory; killed, it would have to repair itself
    while read -r name user program; do
        supervised program "$name" "$user" 20 TERM "$STATE/bin/$program"
    done < <(daemons)
    if logs_are_sent; then
        own=$STATE/tmp/logs
        supervised program logs "$USER_LOGS" 20 TERM "/usr/sbin/syslog-ng -F -e -f $STATE/syslog-ng.conf -R $own/persist -c $own/control -p $own/pid --no-caps"
    fi
    STARTSECS=2
    for m in $(modules); do
        supervised fcgi-program "$m" "$(module_user "$m")" 30 TERM "$STATE/bin/certhall-$m" "$(module_lines "$m")" |
            awk '!/^stdout_logfile=/ { print; next } { log_line = $0 } END { print log_line }'
    done
    STARTSECS=1
    supervised program nginx "$USER_NGINX" 40 QUIT "$STATE/nginx/run"
}

write_files() {
    check_desk_origin
    check_tls
    check_log_server
    if logs_are_sent; then log_sender_file | put "$STATE/syslog-ng.conf" || true; fi
    write_nginx
    put "$STATE/bin/start-postgres" 755 <"$TOP/tools/setup/start-postgres" || true # the user of PostgreSQL need not be able to read the sources
    supervisor_file | put "$STATE/supervisord.conf" || true
}
