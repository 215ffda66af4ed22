/* SPDX-License-Identifier: Apache-2.0
 * The receipt of an order, which its applicant downloads: the form is in core/order/receipt.h. */
#include "modules/orders/orders.h"

#include "core/base/codec.h"
#include "core/crypto/merkle.h"
#include "core/json/json.h"
#include "core/order/receipt.h"

#include <string.h>

/* CH_MERKLE_GROUP neighbouring hashes of the log, or as many as there are. */
struct group {
    unsigned level;
    uint64_t at;
    struct ch_bytes hashes;
};

/* The groups of which the proofs are made. They are found out first, by making the proofs without any hashes. */
struct groups {
    struct ch_arena *a;
    struct group *all;
    size_t n, room;
    struct group *last; /* where the hash before was; the next one is mostly there, too */
};

static struct group *group_of(struct groups *g, unsigned level, uint64_t at)
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
    struct groups *g = from;

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

/* Reads the groups that the proofs of these rows need. */
static enum ch_err read_groups(struct ch_req *r, const struct ch_rows *rows, struct groups *g)
{
    const char *levels = "", *ats = "";
    struct ch_bytes proof;
    struct ch_rows found;

    for (int i = 0; i < rows->n; i++)
        if (!ch_merkle_prove(r->a, (uint64_t)ch_col_int(rows, 0, "size"), (uint64_t)ch_col_int(rows, i, "leaf"),
                             note_group, g, &proof))
            return ch_fail(r, CH_E_INTERNAL, "leaf %s is not in the log", ch_col(rows, i, "leaf"));
    for (size_t i = 0; i < g->n; i++) {
        levels = ch_printf(r->a, "%s%s%u", levels, i > 0 ? "," : "", g->all[i].level);
        ats = ch_printf(r->a, "%s%s%llu", ats, i > 0 ? "," : "", (unsigned long long)g->all[i].at);
    }
    enum ch_err e = ch_run(
        r, CH_CALL(&orders_log_groups, ch_p_text(ch_printf(r->a, "{%s}", levels)), ch_p_text(ch_printf(r->a, "{%s}", ats))),
        &found);
    for (int i = 0; e == CH_OK && i < found.n; i++) {
        struct group *at = group_of(g, (unsigned)ch_col_int(&found, i, "level"), (uint64_t)ch_col_int(&found, i, "group"));
        if (at != NULL)
            at->hashes = ch_col_bytes(&found, r->a, i, "hashes");
    }
    return e;
}

static void put_log(struct ch_req *r, struct ch_jw *w, const struct ch_rows *rows)
{
    ch_jw_object(w, "log");
    ch_jw_int(w, "size", ch_col_int(rows, 0, "size"));
    ch_jw_text(w, "root", ch_hex(r->a, ch_col_bytes(rows, r->a, 0, "root")));
    ch_jw_text(w, "signed_at", ch_col(rows, 0, "signed_at"));
    ch_jw_text(w, "signature", ch_base64(r->a, ch_col_bytes(rows, r->a, 0, "signature")));
    ch_jw_end_object(w);
}

static enum ch_err put_row(struct ch_req *r, struct ch_jw *w, const struct ch_rows *rows, int i, struct groups *g)
{
    struct ch_bytes proof;

    if (!ch_merkle_prove(r->a, (uint64_t)ch_col_int(rows, 0, "size"), (uint64_t)ch_col_int(rows, i, "leaf"),
                         hash_in_group, g, &proof))
        return ch_fail(r, CH_E_UNAVAILABLE, "subtrees for leaf %s are not kept yet", ch_col(rows, i, "leaf"));
    ch_jw_object(w, NULL);
    ch_jw_text(w, "subject", ch_col(rows, i, "subject"));
    ch_jw_int(w, "seq", ch_col_int(rows, i, "seq"));
    ch_jw_int(w, "leaf", ch_col_int(rows, i, "leaf"));
    ch_jw_text(w, "head", ch_hex(r->a, ch_col_bytes(rows, r->a, i, "head")));
    ch_jw_text(w, "text", ch_col(rows, i, "body"));
    ch_jw_array(w, "proof");
    for (size_t at = 0; at < proof.n; at += CH_SM3_BYTES)
        ch_jw_text(w, NULL, ch_hex(r->a, CH_BYTES(proof.p + at, CH_SM3_BYTES)));
    ch_jw_end_array(w);
    ch_jw_end_object(w);
    return CH_OK;
}

enum ch_err orders_receipt(struct ch_req *r)
{
    struct groups groups = {.a = r->a};
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run_row(r, CH_CALL(&orders_receipt_rows, ch_p_text(ch_var(r, "id"))), &rows);
    if (e == CH_OK)
        e = read_groups(r, &rows, &groups);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "kind", CH_RECEIPT_KIND);
    ch_jw_int(&w, "version", CH_RECEIPT_VERSION);
    ch_jw_text(&w, "order", ch_col(&rows, 0, "number"));
    put_log(r, &w, &rows);
    ch_jw_array(&w, "rows");
    for (int i = 0; i < rows.n; i++) {
        e = put_row(r, &w, &rows, i, &groups);
        if (e != CH_OK)
            return e;
    }
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    const char *text = ch_jw_done(&w);
    return ch_reply_file(r, "application/json", ch_printf(r->a, "receipt-%s.json", ch_col(&rows, 0, "number")),
                         CH_BYTES(text, strlen(text)));
}
