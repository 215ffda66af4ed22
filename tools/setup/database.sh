# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A PostgreSQL cluster of our own, which is reached only through a socket, by the system users in pg_ident.conf.

pg_bin() {
    local version
    version=$(cat "$STATE/pg/PG_VERSION" 2>/dev/null) ||
        version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
    echo "/usr/lib/postgresql/$version/bin"
}

sql() { # DATABASE [PSQL-ARGUMENTS…], as the owner
    local database=$1
    shift
    PGOPTIONS='-c client_min_messages=warning' "$(pg_bin)/psql" -X -q -v ON_ERROR_STOP=1 -h "$RUN/pg" -U certhall_owner \
        -d "$database" "$@"
}

# Who may connect to what: programs to the hall's database, the sandbox to its own, owner and administrator to all, as copies are looked at too.
access() {
    cat <<'EOF'
local all certhall_owner,certhall_admin peer map=hall
local certhall_sandbox certhall_sandbox peer map=hall
local certhall_sandbox all reject
local certhall certhall_sandbox reject
local certhall all peer map=hall
EOF
}

# Which system user may use which role: each program's user its own. When everything runs as one user, that user may use all.
# CERTHALL_BENCH: the user of the bench, which may use the roles of modules while it measures.
identities() {
    local m
    echo "hall $USER_PG certhall_owner"
    echo "hall $ME certhall_owner"
    echo "hall $ME certhall_admin"
    while read -r m; do
        echo "hall $(module_user "$m") certhall_$m"
        if [ -n "${CERTHALL_BENCH-}" ]; then echo "hall $CERTHALL_BENCH certhall_$m"; fi
    done <"$MODULE_LIST"
    echo "hall $USER_RUNNER certhall_runner"
    echo "hall $USER_SIGNER certhall_signer"
}

# By default PostgreSQL uses 128 MB, whatever the machine has, and compiles statements with a high estimated cost (JIT),
# although the hall's statements are short. Written only once: from then on postgresql.conf belongs to the operator.
cluster_settings() {
    awk '/^MemTotal/ {
        mb = int($2 / 1024)
        buffers = int(mb / 8)
        if (buffers < 128) buffers = 128
        if (buffers > 4096) buffers = 4096
        printf "\n# An eighth of the memory that ./certhall up found, and what the kernel may cache of the database besides.\n"
        printf "shared_buffers = %dMB\neffective_cache_size = %dMB\n\njit = off\n", buffers, int(mb / 2)
    }' /proc/meminfo
}

make_cluster() {
    local mine
    mine=$(stat -c %U "$STATE/pg")
    if [ "$mine" != "$USER_PG" ]; then die "$STATE/pg belongs to $mine, not to $USER_PG; certhall leaves it alone"; fi
    if [ -f "$STATE/pg/PG_VERSION" ]; then
        SKIPPED=yes
    else
        logged "$STATE/log/initdb.log" as "$USER_PG" "$(pg_bin)/initdb" -D "$STATE/pg" -U certhall_owner -A peer \
            -E UTF8 --locale=C.UTF-8
        cluster_settings | as "$USER_PG" tee -a "$STATE/pg/postgresql.conf" >/dev/null
    fi
    access | as "$USER_PG" tee "$STATE/pg/pg_hba.conf" >/dev/null
    write_identities
}

write_identities() {
    identities | sort -u | as "$USER_PG" tee "$STATE/pg/pg_ident.conf" >/dev/null
    if program_runs pg; then sql postgres -c 'SELECT pg_reload_conf()' >/dev/null; fi
}

start_database() {
    if program_runs pg; then SKIPPED=yes; else ctl start pg >/dev/null; fi
    # After a crash it first repairs itself, which takes as long as it takes.
    until "$(pg_bin)/pg_isready" -q -h "$RUN/pg" -U certhall_owner -d postgres; do
        if ! program_runs pg; then die "PostgreSQL does not start: $STATE/log/pg.log"; fi
        sleep 0.1
    done
}

has_database() { [ "$(sql postgres -Atc "SELECT 1 FROM pg_database WHERE datname = '$1'")" = 1 ]; }

deploy_changes() {
    cd "$TOP/sql/schema"
    SQITCH_FULLNAME=certhall SQITCH_EMAIL=certhall@ca.example SQITCH_USER_CONFIG=/nonexistent \
        sqitch deploy --verify "db:pg://certhall_owner@/certhall?host=$RUN/pg"
}

# Holds each program's role to its connections. CERTHALL_BENCH: the bench's clients have as many again.
limit_connections() {
    local program number
    while read -r program number; do
        if [ -n "${CERTHALL_BENCH-}" ]; then number=$((2 * number)); fi
        echo "SELECT format('ALTER ROLE %I CONNECTION LIMIT $number', rolname) FROM pg_roles WHERE rolname = 'certhall_$program' AND rolconnlimit <> $number \\gexec"
    done < <(program_connections) | sql postgres
}

# All programs with a role in the hall's database.
database_programs() {
    grep -vx sandbox "$MODULE_LIST"
    printf '%s\n' runner signer admin
}

# Installs the functions, views and triggers of sql/code, and a role for each program with grants for what its statements
# name (sql/load.sql).
load_code() { # DATABASE [FOLDER]
    local p folder=${2:-$TOP/sql/code}
    {
        echo 'BEGIN;'
        echo "\\i '$TOP/sql/load.sql'"
        "$TOP/tools/sqlcode" "$folder"/*.sql
        echo 'SELECT pg_temp.finish();'
        for p in $(database_programs); do
            has_program "certhall-$p" || continue
            "$STATE/bin/certhall-$p" --statements | "$TOP/tools/sqlcode" -v program="$p"
        done
        echo 'SELECT pg_temp.grant_uses();'
        echo 'COMMIT;'
    } | sql "$1" -o /dev/null
}

# The files from which code and grants are made.
code_hash() { hash_of "$TOP/sql/load.sql" "$TOP/tools/sqlcode" "$TOP/sql/code" "$TOP/core" "$TOP/modules" "$TOP/programs" "$MODULE_LIST"; }

load_reference_data() {
    local f
    "$STATE/bin/certhall-admin" lifecycle sql | sql certhall
    for f in "$TOP"/sql/data/*.sql; do
        [ ! -f "$f" ] || sql certhall -1 -f "$f"
    done
}

make_sandbox_database() {
    local files f
    mapfile -t files < <(sandbox_schema)
    sandbox_on || return 0
    if has_database certhall_sandbox; then
        stamped sandbox-schema "$(hash_of "${files[@]}")" && return 0
        sql postgres -c 'DROP DATABASE certhall_sandbox WITH (FORCE)'
    fi
    sql postgres -c 'CREATE DATABASE certhall_sandbox' -c "DO \$\$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_sandbox') THEN CREATE ROLE certhall_sandbox LOGIN; END IF;
        END \$\$"
    for f in "${files[@]}"; do sql certhall_sandbox -1 -f "$f"; done
    stamp sandbox-schema "$(hash_of "${files[@]}")"
}
# The sandbox's schema: what vendors have in common, each vendor's own tables, and the grants.
sandbox_schema() {
    (cd "$TOP/modules/sandbox" && printf "$PWD/%s\n" schema/{common,courier}.sql */schema.sql schema/grants.sql)
}

# The SMS vendor approves each text in advance, with numbered parameters; the sandbox gets the same texts.
register_messages() {
    local texts="WITH RECURSIVE t AS (
        SELECT vendor_id, body, parameters, 0 AS n FROM hall.message_template
        UNION ALL SELECT vendor_id, replace(body, '{' || parameters[n + 1] || '}', '{' || n + 1 || '}'), parameters, n + 1
          FROM t WHERE n < cardinality(parameters))
        SELECT DISTINCT ON (vendor_id) vendor_id, body FROM t WHERE n = cardinality(parameters) ORDER BY vendor_id"
    has_database certhall_sandbox || return 0
    sql certhall_sandbox -c 'DELETE FROM sandbox.sms_template'
    sql certhall -c "COPY ($texts) TO stdout" | sql certhall_sandbox -c 'COPY sandbox.sms_template (id, body) FROM stdin'
}

update_schema() {
    local schema code data
    # shellcheck disable=SC2046
    schema=$(hash_of "$TOP/sql/schema" $(sandbox_schema))
    code=$(code_hash)
    data=$(hash_of "$TOP/sql/data" "$TOP/core/order/lifecycle.tbl")
    if stamped schema "$schema" && stamped code "$code" && stamped data "$data"; then
        SKIPPED=yes
        limit_connections
        return
    fi
    has_database certhall || sql postgres -c 'CREATE DATABASE certhall'
    stamped schema "$schema" || logged "$STATE/log/sqitch.log" deploy_changes
    stamped code "$code" || logged "$STATE/log/code.log" load_code certhall
    logged "$STATE/log/data.log" load_reference_data
    make_sandbox_database
    register_messages
    limit_connections
    stamp schema "$schema"
    stamp code "$code"
    stamp data "$data"
}
