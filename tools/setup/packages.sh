# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Debian packages: those in the tables of docs/dependencies.md that are not installed yet.

# packages_of SECTION
packages_of() {
    awk -F'|' -v section="## $1" '
        /^## / { inside = $0 == section }
        inside && $2 ~ /`/ { gsub(/[` ]+/, " ", $2); print $2 }' "$TOP/docs/dependencies.md"
}

installed() { [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]; }

node_is_new_enough() {
    command -v npm >/dev/null && command -v node >/dev/null && node -e 'process.exit(+(parseInt(process.versions.node) < 18))'
}

# missing_packages SECTION…
missing_packages() {
    local section package
    for section in "$@"; do
        for package in $(packages_of "$section"); do
            case $package in
                nginx-light) command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo "$package" ;;
                *) installed "$package" || echo "$package" ;;
            esac
        done
    done
    node_is_new_enough || printf '%s\n' nodejs npm
}

as_admin() {
    if [ -n "$AS_ROOT" ]; then env "$@"; else sudo env "$@"; fi
}

# Debian starts nginx and creates a PostgreSQL cluster when their packages are installed. Both are prevented, since the hall
# has its own.
hold_services() {
    POLICY=/usr/sbin/policy-rc.d
    if [ -e $POLICY ]; then
        POLICY=
    else
        printf '#!/bin/sh\nexit 101\n' | as_admin tee $POLICY >/dev/null
        as_admin chmod 755 $POLICY
    fi
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_admin mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_admin tee /etc/postgresql-common/createcluster.conf >/dev/null
        say '  made /etc/postgresql-common/createcluster.conf: Debian shall not make a cluster of its own'
    fi
}

release_services() {
    local package
    if [ -n "$POLICY" ]; then as_admin rm -f "$POLICY"; fi
    command -v systemctl >/dev/null || return 0
    for package in "$@"; do
        case $package in
            nginx-light) as_admin systemctl disable -q nginx.service 2>/dev/null || true ;;
            supervisor) as_admin systemctl disable -q supervisor.service 2>/dev/null || true ;;
            php-fpm) as_admin systemctl disable -q "$(basename /lib/systemd/system/php*-fpm.service)" 2>/dev/null || true ;;
        esac
    done
}

install_packages() {
    local log status=0
    local apt=(DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
    log=$(mktemp /tmp/certhall-apt.XXXXXX)
    hold_services
    {
        as_admin "${apt[@]}" update -q &&
            as_admin "${apt[@]}" install -qy --no-install-recommends -o Dpkg::Options::=--force-confdef \
                -o Dpkg::Options::=--force-confold "$@"
    } >"$log" 2>&1 </dev/null || status=$?
    release_services "$@"
    if [ $status != 0 ]; then
        tail -n 20 "$log" >&2
        die "apt-get failed (all of its output: $log)"
    fi
    rm -f "$log"
}

# need_packages SECTION…
need_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    if [ ${#missing[@]} = 0 ]; then
        SKIPPED=yes
        return
    fi
    if [ -z "$AS_ROOT" ] && ! command -v sudo >/dev/null; then
        die "these packages are missing and there is no sudo; as root: apt-get install --no-install-recommends ${missing[*]}"
    fi
    say "  installs with apt-get: ${missing[*]}"
    install_packages "${missing[@]}"
}
