# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What a new installation gets once: keys, demonstration projects and staff; and the information that is printed about it.

# Runs an administrative program of the hall with the settings of this state.
program() {
    local name=$1
    shift
    CERTHALL_CONF=$STATE/hall.conf "$STATE/bin/$name" "$@"
}
admin() { program certhall-admin "$@"; }

make_keys() {
    SKIPPED=yes
    if sandbox_on && ! stamped sandbox-keys "$(sandbox_version)"; then make_sandbox_keys; fi
    if has_program certhall-admin && ! stamped keys "$(hash_of "$TOP/core/crypto/folders.tbl")"; then # makes what is missing
        SKIPPED=
        logged "$STATE/log/keys.log" admin keys
        own_keys
        stamp keys "$(hash_of "$TOP/core/crypto/folders.tbl")"
    fi
    if [ -f "$STATE/keys/runner/log-sm2.pub" ]; then # published, for those who verify receipts
        install -m 644 "$STATE/keys/runner/log-sm2.pub" "$STATE/nginx/log-sm2.pub"
    fi
    if has_program certhall-signer && ! stamped signer "$(hash_of "$STATE/bin/certhall-signer")"; then # makes what is missing
        SKIPPED=
        logged "$STATE/log/signer-init.log" as "$USER_SIGNER" env CERTHALL_CONF="$STATE/hall.conf" "$STATE/bin/certhall-signer" init
        stamp signer "$(hash_of "$STATE/bin/certhall-signer")"
    fi
}

# The sandbox's keys are made once; the settings that the program prints contain the port.
sandbox_version() { echo "$PORT $(hash_of "$STATE/bin/certhall-sandbox-keys")"; }

make_sandbox_keys() {
    SKIPPED=
    program certhall-sandbox-keys >"$STATE/sandbox.conf.new"
    chmod 640 "$STATE/sandbox.conf.new"
    mv "$STATE/sandbox.conf.new" "$STATE/sandbox.conf"
    write_settings
    own_keys
    stamp sandbox-keys "$(sandbox_version)"
}

# Keys are made by root, and read by the group of their folder.
own_keys() {
    local f
    if [ -n "$AS_ROOT" ]; then
        for f in $(key_folders); do
            chown -R "root:certhall-key-$f" "$STATE/keys/$f"
            find "$STATE/keys/$f" -type f -exec chmod 440 {} +
        done
        if sandbox_on; then chown -R "$(module_user sandbox):" "$STATE/sandbox"; fi
    fi
}

# decided COMMAND FIRST ARGUMENTS…: what two security officers decide once there is a roster, and the word FIRST does before. In the demonstration
# both keys are the sandbox's.
decided() {
    local draft command first=$2
    read -ra command <<<"$1"
    shift 2
    if admin roster show | grep -qx 'version 0'; then
        admin "${command[@]}" "$first" "$@"
        return
    fi
    if ! sandbox_on; then
        die "two security officers decide this: $STATE/bin/certhall-admin ${command[*]} draft, put (docs/operators.md)"
    fi
    draft=$(mktemp -d)
    admin "${command[@]}" draft "$@" >"$draft/text" &&
        program certhall-sandbox-keys --sign officer1 officer2 <"$draft/text" >"$draft/signatures" &&
        admin "${command[@]}" put "$draft/text" "$draft/signatures" "$@" || draft=$draft/failed
    rm -r "${draft%/failed}"
    [ "$draft" = "${draft%/failed}" ]
}

load_demonstration() {
    local hash f outlet
    hash=$(hash_of "$TOP/sql/demo")
    if ! sandbox_on || stamped demo "$hash"; then
        SKIPPED=yes
        return
    fi
    while IFS=$'\t' read -r -a outlet; do
        logged "$STATE/log/demo.log" decided outlet add "${outlet[@]}"
    done < <(grep -v '^#' "$TOP/sql/demo/outlets")
    for f in "$TOP"/sql/demo/*.json; do
        logged "$STATE/log/demo.log" decided project import "$f"
    done
    register_messages
    stamp demo "$hash"
}

# One person for each duty, and nobody has two duties; there is a second reviewer, since revoking needs two persons. The last
# word is the code of an outlet. They log in with the passkeys that make_roster gives them.
STAFF=('review 审核员小李 reviewer' 'review2 审核员小孙 reviewer' 'finance 财务小陈 finance' 'produce 制证员小王 producer'
    'outlet 网点制证员小吴 outlet futian' 'audit 审计员小赵 auditor' 'admin 管理员小周 admin')

add_staff() {
    local name shown role outlet
    SKIPPED=yes
    if ! sandbox_on || stamped staff 1; then return; fi
    SKIPPED=
    while read -r name shown role outlet; do
        logged "$STATE/log/staff.log" admin staff add "$name" "$shown" "$role" ${outlet:+"$outlet"}
    done < <(printf '%s\n' "${STAFF[@]}")
    stamp staff 1
}

anchor_roster() { as "$USER_SIGNER" env CERTHALL_CONF="$STATE/hall.conf" "$STATE/bin/certhall-signer" roster <"$1"; }

# Whose passkeys log in and decide in the demonstration: those of the staff and of two security officers, all of the sandbox's
# software authenticator. As at a key ceremony, the first roster is given to the signer itself.
make_roster() {
    local roster=$STATE/roster.json
    SKIPPED=yes
    if ! sandbox_on || stamped roster 2; then return; fi
    SKIPPED=
    if [ ! -f "$roster" ]; then
        program certhall-sandbox-keys --passkeys "${STAFF[@]%% *}" officer1 officer2 |
            sed '/^officer[12] /s/$/ officer/' >"$STATE/roster.keys"
        own_keys
        admin roster draft "$STATE/roster.keys" >"$roster.new"
        chmod 644 "$roster.new"
        mv "$roster.new" "$roster"
    fi
    if admin roster show | grep -qx 'version 0'; then logged "$STATE/log/roster.log" admin roster put "$roster"; fi
    if ! as "$USER_SIGNER" test -f "$STATE/anchor/roster.json"; then
        logged "$STATE/log/roster.log" anchor_roster "$roster"
    fi
    stamp roster 2
}

show_addresses() {
    local slug id title hall
    hall=$(setting origin)
    say "  hall          $hall/"
    if has_database certhall && has_program certhall-admin; then
        while IFS='|' read -r slug id title; do
            say "  project       $hall/$slug/getLogin?projectId=$id  $title"
        done < <(sql certhall -Atc "SELECT slug, project_id, title FROM hall.project WHERE slug <> 'hall' ORDER BY slug" 2>/dev/null)
    fi
    if sandbox_on; then say "  sandbox       $hall/sandbox  phone, cashier, bank statement, sample papers"; fi
    say "  desk          $(setting desk_origin)/desk"
    if sandbox_on; then printf '%s\n' "${STAFF[@]}" | while read -r id title _; do say "    log-in      $id  $title"; done; fi
}
