/* SPDX-License-Identifier: Apache-2.0
 * The signed log over the audit trail. */
#include "programs/bench/trail.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/crypto/sign.h"

#include <stdio.h>
#include <string.h>

#define WINDOW 50000

bool trail_read(struct ch_arena *a, PGconn *c, struct ch_merkle *tree)
{
    struct ch_arena *part = ch_arena_new();
    struct ch_bytes hash;
    int64_t size = pg_number(a, c, "SELECT coalesce(max(leaf) + 1, 0) FROM hall.log_leaf");
    bool ok = true;

    memset(tree, 0, sizeof *tree);
    while (ok && (int64_t)tree->size < size) {
        PGresult *res =
            pg_ask(part, c,
                   ch_printf(part, "SELECT encode(hash, 'hex') FROM hall.log_leaf WHERE leaf >= %lld ORDER BY leaf LIMIT %d",
                             (long long)tree->size, WINDOW),
                   NULL, NULL);
        ok = res != NULL && PQntuples(res) > 0;
        for (int i = 0; ok && i < PQntuples(res); i++)
            if ((ok = ch_unhex(part, PQgetvalue(res, i, 0), &hash) && hash.n == CH_SM3_BYTES))
                ch_merkle_add(tree, hash.p);
        ch_arena_reset(part);
    }
    ch_arena_free(part);
    if (!ok)
        fputs("the log of the audit trail does not read\n", stderr);
    return ok;
}

void trail_grow(struct ch_merkle *tree, struct ch_bytes leaves)
{
    for (size_t at = 0; at < leaves.n; at += CH_SM3_BYTES)
        ch_merkle_add(tree, leaves.p + at);
}

bool trail_sign(struct ch_arena *a, PGconn *c, const struct ch_merkle *tree)
{
    unsigned char root[CH_SM3_BYTES];
    struct ch_bytes signature;
    EVP_PKEY *key = ch_key_private(ch_printf(a, "%s/runner/log-sm2.pem", ch_conf(CONF_KEYS)));

    if (key == NULL)
        return false;
    ch_merkle_root(tree, root);
    bool ok =
        ch_sign(a, key, NULL, ch_merkle_statement(a, tree->size, root), &signature) &&
        pg_do(c, ch_printf(a, "INSERT INTO hall.log_head (size, root, signature) VALUES (%llu, '\\x%s', '\\x%s') ON CONFLICT DO NOTHING",
                           (unsigned long long)tree->size, ch_hex(a, CH_BYTES(root, sizeof root)), ch_hex(a, signature)));
    EVP_PKEY_free(key);
    return ok;
}
