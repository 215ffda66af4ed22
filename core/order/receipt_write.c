/* SPDX-License-Identifier: Apache-2.0
 * Writing receipts (core/order/receipt.h): which hashes of the log the proofs need, and the text. */
#include "core/order/receipt_write.h"

#include "core/base/codec.h"
#include "core/crypto/merkle.h"
#include "core/json/json.h"
#include "core/order/receipt.h"

/* CH_MERKLE_GROUP neighbouring hashes of the log, or as many as there are. */
struct group {
    unsigned level;
    uint64_t at;
    struct ch_bytes hashes;
};

struct ch_receipt_groups {
    struct ch_arena *a;
    struct group *all;
    size_t n, room;
    struct group *last; /* where the hash before was; the next one is mostly there, too */
};

static struct group *group_of(struct ch_receipt_groups *g, unsigned level, uint64_t at)
{
    if (g->last != NULL && g->last->level == level && g->last->at == at)
        return g->last;
    for (size_t i = 0; i < g->n; i++)
        if (g->all[i].level == level && g->all[i].at == at)
            return g->last = &g->all[i];
    return NULL;
}

static const unsigned char *note_group(void *from, unsigned level, uint64_t at)
{
    static const unsigned char nothing[CH_SM3_BYTES];
    struct ch_receipt_groups *g = from;

    if (group_of(g, level, at / CH_MERKLE_GROUP) != NULL)
        return nothing;
    if (g->n == g->room) {
        struct group *more = ch_alloc(g->a, 2 * (g->room + 8) * sizeof *more);
        for (size_t i = 0; i < g->n; i++)
            more[i] = g->all[i];
        g->all = more;
        g->room = 2 * (g->room + 8);
    }
    g->last = &g->all[g->n];
    g->all[g->n++] = (struct group){.level = level, .at = at / CH_MERKLE_GROUP};
    return nothing;
}

static const unsigned char *hash_in_group(void *from, unsigned level, uint64_t at)
{
    const struct group *found = group_of(from, level, at / CH_MERKLE_GROUP);
    size_t begins = at % CH_MERKLE_GROUP * CH_SM3_BYTES;

    return found != NULL && begins + CH_SM3_BYTES <= found->hashes.n ? found->hashes.p + begins : NULL;
}

struct ch_receipt_groups *ch_receipt_needs(struct ch_arena *a, const struct ch_rows *rows, const char **levels,
                                           const char **ats)
{
    struct ch_receipt_groups *g = ch_alloc(a, sizeof *g);
    struct ch_bytes proof;

    *g = (struct ch_receipt_groups){.a = a};
    *levels = *ats = "";
    for (int i = 0; i < rows->n; i++)
        if (!ch_merkle_prove(a, (uint64_t)ch_col_int(rows, 0, "size"), (uint64_t)ch_col_int(rows, i, "leaf"),
                             note_group, g, &proof))
            return NULL;
    for (size_t i = 0; i < g->n; i++) {
        *levels = ch_printf(a, "%s%s%u", *levels, i > 0 ? "," : "", g->all[i].level);
        *ats = ch_printf(a, "%s%s%llu", *ats, i > 0 ? "," : "", (unsigned long long)g->all[i].at);
    }
    *levels = ch_printf(a, "{%s}", *levels);
    *ats = ch_printf(a, "{%s}", *ats);
    return g;
}

/* Notes the hashes that were read. */
static void take_groups(struct ch_receipt_groups *g, const struct ch_rows *found)
{
    for (int i = 0; i < found->n; i++) {
        struct group *at = group_of(g, (unsigned)ch_col_int(found, i, "level"), (uint64_t)ch_col_int(found, i, "group"));
        if (at != NULL)
            at->hashes = ch_col_bytes(found, g->a, i, "hashes");
    }
}

static void put_log(struct ch_arena *a, struct ch_jw *w, const struct ch_rows *rows)
{
    ch_jw_object(w, "log");
    ch_jw_int(w, "size", ch_col_int(rows, 0, "size"));
    ch_jw_text(w, "root", ch_hex(a, ch_col_bytes(rows, a, 0, "root")));
    ch_jw_text(w, "signed_at", ch_col(rows, 0, "signed_at"));
    ch_jw_text(w, "signature", ch_base64(a, ch_col_bytes(rows, a, 0, "signature")));
    ch_jw_end_object(w);
}

static bool put_row(struct ch_receipt_groups *g, struct ch_jw *w, const struct ch_rows *rows, int i)
{
    struct ch_bytes proof;

    if (!ch_merkle_prove(g->a, (uint64_t)ch_col_int(rows, 0, "size"), (uint64_t)ch_col_int(rows, i, "leaf"),
                         hash_in_group, g, &proof))
        return false;
    ch_jw_object(w, NULL);
    ch_jw_text(w, "subject", ch_col(rows, i, "subject"));
    ch_jw_int(w, "seq", ch_col_int(rows, i, "seq"));
    ch_jw_int(w, "leaf", ch_col_int(rows, i, "leaf"));
    ch_jw_text(w, "head", ch_hex(g->a, ch_col_bytes(rows, g->a, i, "head")));
    ch_jw_text(w, "text", ch_col(rows, i, "body"));
    ch_jw_array(w, "proof");
    for (size_t at = 0; at < proof.n; at += CH_SM3_BYTES)
        ch_jw_text(w, NULL, ch_hex(g->a, CH_BYTES(proof.p + at, CH_SM3_BYTES)));
    ch_jw_end_array(w);
    ch_jw_end_object(w);
    return true;
}

const char *ch_receipt_text(struct ch_receipt_groups *g, const struct ch_rows *rows, const struct ch_rows *found)
{
    struct ch_jw w;
    bool proved = true;

    take_groups(g, found);
    ch_jw_init(&w, g->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "kind", CH_RECEIPT_KIND);
    ch_jw_int(&w, "version", CH_RECEIPT_VERSION);
    ch_jw_text(&w, "order", ch_col(rows, 0, "number"));
    put_log(g->a, &w, rows);
    ch_jw_array(&w, "rows");
    for (int i = 0; proved && i < rows->n; i++)
        proved = put_row(g, &w, rows, i);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return proved ? ch_jw_done(&w) : NULL;
}
