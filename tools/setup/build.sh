# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Programs and front end are built outside of the checkout, from a copy of it. So a build as root leaves no files in the
# checkout, and editing the checkout does not disturb a running build.

SOURCE_PARTS=(.ci .clang-format .clang-tidy .editorconfig .gitignore .shellcheckrc CONTRIBUTING.md LICENSE Makefile.am NEWS.md README.md
    README.zh-CN.md autogen.sh certhall configure.ac core docs man modules nginx programs sql tests tools)

source_hash() {
    cd "$TOP"
    hash_of autogen.sh configure.ac Makefile.am core modules programs tools tests/unit tests/handlers tests/fuzz tests/serve tests/interop/client
}

copy_sources() {
    local part parts=()
    mkdir -p "$BUILD/src"
    for part in "${SOURCE_PARTS[@]}"; do
        rm -rf "${BUILD:?}/src/$part"
        if [ -e "$TOP/$part" ]; then parts+=("$part"); fi
    done
    tar -C "$TOP" -c --exclude=node_modules --exclude=./nginx/html "${parts[@]}" | tar -C "$BUILD/src" -x
    (source_hash) >"$BUILD/src/.copied"
}

# The build system is made again when files were added or removed, or when its own files have changed.
make_configure() {
    local hash
    cd "$BUILD/src"
    hash=$({ tools/sources; cat configure.ac Makefile.am; } | sha256sum)
    if [ ! -x configure ] || [ "$hash" != "$(cat .configured 2>/dev/null)" ]; then
        ./autogen.sh
        echo "$hash" >.configured
    fi
}

# Removes what was made of a .sql file that has moved or gone: an old header would be found before the new one.
drop_orphans() {
    local made
    while read -r made; do
        [ -e "$BUILD/src/${made%_sql.[ch]}.sql" ] || rm -f "$made"
    done < <(find . -name '*_sql.[ch]' -printf '%P\n')
}

# compile FOLDER [CONFIGURE-OPTIONS…]: builds in $BUILD/FOLDER. With CERTHALL_WERROR=yes warnings are errors, as in the
# tests.
compile() {
    local folder=$BUILD/$1
    shift
    set -- "$@" ${CERTHALL_WERROR:+--enable-werror}
    mkdir -p "$folder"
    cd "$folder"
    if [ ! -f Makefile ] || [ "$*" != "$(cat .options 2>/dev/null)" ]; then
        "$BUILD/src/configure" -q "$@"
        echo "$*" >.options
    fi
    drop_orphans
    make -j"$(nproc)"
}

# A program is replaced by renaming, so that a running one is not disturbed.
install_programs() {
    local name f
    for name in $(programs); do
        put "$STATE/bin/$name" 755 <"$1/$name" || true
    done
    for f in "$STATE"/bin/*; do
        if ! grep -qx "$(basename "$f")" < <(programs); then rm "$f"; fi
    done
}
programs() { sed -n 's/^bin_PROGRAMS += //p' "$BUILD/src/sources.mk" | of_this_hall; }
of_this_hall() { if sandbox_wanted; then cat; else grep -v '^certhall-sandbox'; fi; }

# build_programs FOLDER [CONFIGURE-OPTIONS…]
build_programs() {
    local hash
    hash=$(source_hash)-$*-$(setting_in local.conf sandbox)
    if stamped programs "$hash" && [ -d "$BUILD/$1" ]; then
        SKIPPED=yes
        return
    fi
    # The halls of a test run share a build; the lock keeps one from replacing the sources while another compiles.
    if [ "$(source_hash)" != "$(cat "$BUILD/src/.copied" 2>/dev/null)" ]; then copy_sources; fi
    logged "$BUILD/autogen.log" make_configure
    logged "$BUILD/compile.log" compile "$@"
    install_programs "$BUILD/$1"
    stamp programs "$hash"
}

# Installs exactly the versions of the lock file. `npm ci` needs the packages of every platform in it; where the registry has
# only some of them, `npm install` installs the same versions without asking for the others. No package runs a script of its own when it
# is installed. Options are npm's.
install_node_packages() {
    if ! cmp -s package-lock.json node_modules/.lock; then
        npm ci --ignore-scripts --no-audit --no-fund "$@" || npm install --ignore-scripts --no-save --no-audit --no-fund "$@"
        cp package-lock.json node_modules/.lock
    fi
}

# The build of the pages runs programs of many strangers: it is done by a user of its own, out of a copy of what it needs.
build_front_pages() {
    local folder=$BUILD/front registry
    registry=$(npm config get registry)
    rm -rf "$folder/src/src" "$folder/html"
    mkdir -p "$folder/src" "$folder/home"
    tar -C "$TOP/nginx/front" -c --exclude=node_modules . | tar -C "$folder/src" -x
    cp "$TOP/docs/openapi.yaml" "$folder/openapi.yaml"
    if [ -n "$AS_ROOT" ]; then chown -R "$USER_BUILD:$USER_BUILD" "$folder"; fi
    cd "$folder/src"
    # Linters are no part of a build.
    as "$USER_BUILD" env HOME="$folder/home" npm_config_registry="$registry" OUT="$folder/html" OPENAPI="$folder/openapi.yaml" \
        bash -euc "$(declare -f install_node_packages)"'; install_node_packages --omit=dev; npm run build'
}

# Files of the last weeks are kept for pages that are still open in browsers; the pages themselves are copied last.
install_front() {
    mkdir -p "$STATE/www/assets"
    cp -r "$BUILD/front/html/." "$STATE/www.new"
    cp -r "$STATE/www.new/assets/." "$STATE/www/assets"
    rm -r "$STATE/www.new/assets"
    cp -r "$STATE/www.new/." "$STATE/www"
    rm -r "$STATE/www.new"
    sandbox_wanted || rm -rf "$STATE"/www/{sandbox.html{,.br,.gz},sandbox,assets/sandbox}
    find "$STATE/www/assets" -type f -mtime +30 -delete
    chmod -R a+rX "$STATE/www"
    put "$STATE/common_passwords" <"$BUILD/front/common_passwords" || true
}

# What the hall consists of, for those who compare it with lists of known weaknesses.
write_bill_of_materials() {
    (cd "$TOP" && tools/sbom) | put "$STATE/sbom.cdx.json" || SKIPPED=yes
}

build_front() {
    local hash
    install -D -m 644 "$TOP/docs/openapi.yaml" "$STATE/www/docs/openapi.yaml"
    hash=$(hash_of "$TOP/nginx/front" "$TOP/docs/openapi.yaml")
    if stamped front "$hash-$(setting_in local.conf sandbox)"; then
        SKIPPED=yes
        return
    fi
    mkdir -p "$BUILD/front"
    if [ "$(cat "$BUILD/front/.built" 2>/dev/null)" != "$hash" ]; then
        logged "$BUILD/front.log" build_front_pages
        echo "$hash" >"$BUILD/front/.built"
    fi
    install_front
    stamp front "$hash-$(setting_in local.conf sandbox)"
}
