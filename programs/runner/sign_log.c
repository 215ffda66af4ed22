/* SPDX-License-Identifier: Apache-2.0
 * The signed log, a Merkle tree over the audit trail: new rows become leaves, the head of the tree is signed, and the subtrees that
 * became complete are kept for proofs. */
#include "programs/runner/runner.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/crypto/merkle.h"
#include "core/crypto/sign.h"

#include <string.h>

#define BATCH 500
#define PAGE 5000
#define GROUPS 20     /* subtrees of a level that are kept in one go */
#define TOP_LEVEL 32U /* above it there is one subtree in a lifetime */

static struct ch_merkle tree;
static bool loaded;
static EVP_PKEY *key;
static uint64_t kept_groups; /* of CH_MERKLE_GROUP leaves, from the first on, whose subtrees are kept */

/* Restores the tree that was stored with the newest head; an empty tree if it does not match that head. */
static bool restore_tree(struct ch_arena *a, struct ch_db *db)
{
    unsigned char root[CH_SM3_BYTES];
    struct ch_rows rows;

    memset(&tree, 0, sizeof tree);
    if (ch_db_one(db, a, NULL, CH_CALL0(&runner_log_kept), &rows) != CH_OK)
        return false;
    if (rows.n == 0 || !ch_merkle_restore(&tree, (uint64_t)ch_col_int(&rows, 0, "size"), ch_col_bytes(&rows, a, 0, "peaks")))
        return true;
    ch_merkle_root(&tree, root);
    if (!ch_same(ch_col_bytes(&rows, a, 0, "root"), CH_BYTES(root, sizeof root)))
        memset(&tree, 0, sizeof tree);
    return true;
}

/* Adds the leaves that the restored tree does not contain yet. */
static bool add_missing_leaves(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows rows;

    do {
        ch_arena_reset(a);
        if (ch_db_one(db, a, NULL, CH_CALL(&runner_log_hashes, ch_p_int(a, (int64_t)tree.size), ch_p_int(a, PAGE)),
                      &rows) != CH_OK)
            return false;
        for (int i = 0; i < rows.n; i++) {
            struct ch_bytes hash = ch_col_bytes(&rows, a, i, "hash");
            if (ch_col_int(&rows, i, "leaf") != (int64_t)tree.size || hash.n != CH_SM3_BYTES)
                return false;
            ch_merkle_add(&tree, hash.p);
        }
    } while (rows.n == PAGE);
    return true;
}

/* Loads the tree as it was last signed, and the key that signs heads. */
static bool load_log(struct ch_arena *a, struct ch_db *db)
{
    if (key == NULL)
        key = ch_key_private(ch_printf(a, "%s/runner/log-sm2.pem", ch_conf(CONF_KEYS)));
    struct ch_arena *page = ch_arena_new();
    bool ok = key != NULL && restore_tree(page, db) && add_missing_leaves(page, db);
    ch_arena_free(page);
    return ok;
}

/* Adds the rows as leaves to a copy of the tree, signs and stores its head, and then keeps the copy. */
static bool sign_rows(struct ch_arena *a, struct ch_db *db, const struct ch_rows *rows)
{
    struct ch_merkle grown = tree;
    unsigned char leaf[CH_SM3_BYTES], root[CH_SM3_BYTES];
    const char *ids = "", *hashes = "";
    struct ch_bytes signature;

    for (int i = 0; i < rows->n; i++) {
        ch_merkle_leaf_hash(ch_col_bytes(rows, a, i, "head"), leaf);
        ch_merkle_add(&grown, leaf);
        const char *sep = i > 0 ? "," : "";
        ids = ch_printf(a, "%s%s%s", ids, sep, ch_col(rows, i, "id"));
        hashes = ch_printf(a, "%s%s%s", hashes, sep, ch_hex(a, CH_BYTES(leaf, sizeof leaf)));
    }
    ch_merkle_root(&grown, root);
    if (!ch_sign(a, key, NULL, ch_merkle_statement(a, grown.size, root), &signature))
        return false;
    if (ch_db_one(db, a, NULL,
                  CH_CALL(&runner_audit_signed, ch_p_int(a, (int64_t)tree.size), ch_p_text(ch_printf(a, "{%s}", ids)),
                          ch_p_text(ch_printf(a, "{%s}", hashes)), ch_p_bytes(CH_BYTES(root, sizeof root)),
                          ch_p_bytes(signature), ch_p_bytes(ch_merkle_peaks(a, &grown))),
                  NULL) != CH_OK)
        return false;
    tree = grown;
    return true;
}

/* Keeps the next complete subtrees of a level. Returns how many; -1 when the database was not available. */
static int keep_level(struct ch_arena *a, struct ch_db *db, unsigned level)
{
    struct ch_rows below;
    const char *hashes = "";

    if (ch_db_one(db, a, NULL, CH_CALL(&runner_log_children, ch_p_int(a, level), ch_p_int(a, GROUPS * CH_MERKLE_GROUP)),
                  &below) != CH_OK)
        return -1;
    int groups = below.n / CH_MERKLE_GROUP;
    for (int g = 0; g < groups; g++) {
        struct ch_merkle subtree = {0};
        for (int i = 0; i < CH_MERKLE_GROUP; i++)
            ch_merkle_add(&subtree, ch_col_bytes(&below, a, g * CH_MERKLE_GROUP + i, "hash").p);
        hashes = ch_printf(a, "%s%s%s", hashes, g > 0 ? "," : "",
                           ch_hex(a, CH_BYTES(subtree.peaks[CH_MERKLE_STEP], CH_SM3_BYTES)));
    }
    if (groups > 0 && ch_db_one(db, a, NULL,
                                CH_CALL(&runner_log_node_add, ch_p_int(a, level),
                                        ch_p_int(a, ch_col_int(&below, 0, "at") / CH_MERKLE_GROUP),
                                        ch_p_text(ch_printf(a, "{%s}", hashes))),
                                NULL) != CH_OK)
        return -1;
    return groups;
}

/* Keeps the subtrees that became complete; after an upgrade there are many, of which each call does some. */
static void keep_subtrees(struct ch_arena *a, struct ch_db *db)
{
    if (kept_groups == tree.size / CH_MERKLE_GROUP)
        return;
    bool all = true;
    for (unsigned level = CH_MERKLE_STEP; level <= TOP_LEVEL; level += CH_MERKLE_STEP) {
        int kept = keep_level(a, db, level);
        all = all && kept >= 0 && kept < GROUPS;
    }
    if (all)
        kept_groups = tree.size / CH_MERKLE_GROUP;
}

void sign_log(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows rows;

    if (!loaded && !(loaded = load_log(a, db))) {
        ch_log(CH_ERROR, NULL, "audit log: no key, or the log does not read");
        return;
    }
    keep_subtrees(a, db); /* those of the head before: the newest one is mostly some seconds ahead of the proofs */
    if (ch_db_one(db, a, NULL, CH_CALL(&runner_audit_unsigned, ch_p_int(a, BATCH)), &rows) != CH_OK || rows.n == 0)
        return;
    if (!sign_rows(a, db, &rows))
        loaded = false; /* another process has signed, or the database was not available: load it again */
}
