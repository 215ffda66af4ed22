/* SPDX-License-Identifier: Apache-2.0
 * Making a full revocation list and its delta list, both under one number that the database assigns. */
#include "programs/signer/operations.h"

#include "core/base/config.h"
#include "core/pki/crl.h"
#include "programs/signer/revocation.h"
#include "programs/signer/server.h"

#include <inttypes.h>
#include <stdio.h>

struct list {
    struct ch_crl_plan plan;
    struct ch_bytes tbs, der; /* n is 0 when this list is not made */
};

/* The lists of one number. */
struct issue_of_lists {
    const struct hierarchy *h;
    struct list full, delta;
};

/* Takes the number and reads the entries in one transaction, so that no change can come in between. */
static enum ch_err read_entries(struct signer *s, struct ch_arena *a, const char *ca, struct ch_rows rows[2],
                                struct ch_fault *f)
{
    const struct ch_call calls[] = {CH_CALL(&signer_crl, ch_p_text(ca), ch_p_int(a, ch_conf_int(CONF_CRL_HOURS))),
                                    CH_CALL(&signer_crl_entries, ch_p_text(ca))};

    return ch_db_run(s->db, a, f, calls, CH_COUNT(calls), rows);
}

static void add_entry(struct ch_crl_plan *plan, struct ch_crl_entry *room, struct ch_crl_entry entry)
{
    room[plan->n++] = entry;
    plan->entries = room;
}

/* Puts revoked certificates into the full list, and those that have changed since the base into the delta list. */
static void sort_entries(struct ch_arena *a, const struct ch_rows *r, struct issue_of_lists *x)
{
    struct ch_crl_entry *full = ch_alloc_array(a, (size_t)r->n + 1, sizeof *full);
    struct ch_crl_entry *delta = ch_alloc_array(a, (size_t)r->n + 1, sizeof *delta);

    for (int i = 0; i < r->n; i++) {
        struct ch_crl_entry entry = {.serial = ch_col(r, i, "serial"),
                                     .revoked_at = ch_col_int(r, i, "revoked_at"),
                                     .reason = ch_col(r, i, "reason")};
        if (ch_col_bool(r, i, "listed"))
            add_entry(&x->full.plan, full, entry);
        else
            entry = (struct ch_crl_entry){entry.serial, x->full.plan.this_update, "remove", 0};
        if (ch_col_bool(r, i, "changed"))
            add_entry(&x->delta.plan, delta, entry);
    }
}

static void plan_lists(const struct signer *s, struct ch_arena *a, const struct ch_rows rows[2], struct issue_of_lists *x)
{
    struct ch_crl_plan both = {
        .issuer = x->h->ca,
        .number = ch_col_int(&rows[0], 0, "number"),
        .this_update = ch_col_int(&rows[0], 0, "this_update"),
        .next_update = ch_col_int(&rows[0], 0, "next_update"),
    };

    x->full.plan = x->delta.plan = both;
    x->full.plan.delta_url = ch_printf(a, "%s/crl/ca-%s-delta.crl", s->origin, x->h->algorithm);
    x->delta.plan.base = ch_col_int(&rows[0], 0, "base");
    sort_entries(a, &rows[1], x);
}

static bool fix_list(struct ch_arena *a, const struct hierarchy *h, struct list *l)
{
    return ch_crl_fix(a, &l->plan, h->ca_key, &l->tbs);
}

static struct ch_call record_call(struct ch_arena *a, const struct hierarchy *h, const char *kind, const struct list *l)
{
    struct ch_param *p = ch_alloc_array(a, 5, sizeof *p);
    unsigned char *sm3 = ch_alloc(a, CH_SM3_BYTES);

    ch_sm3(l->tbs, sm3);
    p[0] = ch_p_text(h->algorithm);
    p[1] = ch_p_text("issuing");
    p[2] = ch_p_text("crl");
    p[3] = ch_p_text(ch_printf(a, "%s/%" PRId64, kind, l->plan.number));
    p[4] = ch_p_bytes(CH_BYTES(sm3, CH_SM3_BYTES));
    return (struct ch_call){&signer_signature, p, 5};
}

/* Records the signatures before they are made: of both lists, or of the full one. */
static enum ch_err record_signatures(struct signer *s, struct ch_arena *a, const struct issue_of_lists *x,
                                     struct ch_fault *f)
{
    struct ch_call calls[2] = {record_call(a, x->h, "crl", &x->full)};
    struct ch_rows rows[2];
    size_t n = 1;

    if (x->delta.tbs.n > 0)
        calls[n++] = record_call(a, x->h, "delta", &x->delta);
    return ch_db_run(s->db, a, f, calls, n, rows);
}

/* Signs a list, and checks the result as a relying party would. */
static bool sign_list(struct ch_arena *a, const struct hierarchy *h, struct list *l)
{
    if (!ch_alg_signed_make(a, l->tbs, h->ca_key, CH_BYTES("", 0), &l->der))
        return false;
    X509_CRL *crl = ch_crl_read(l->der);
    bool good = crl != NULL && ch_crl_verify(crl, h->ca) && ch_crl_number(crl) == l->plan.number &&
                ch_crl_base(crl) == l->plan.base;
    X509_CRL_free(crl);
    return good;
}

static enum ch_err store_lists(struct signer *s, struct ch_arena *a, const struct issue_of_lists *x, struct ch_fault *f)
{
    const struct list *d = x->delta.der.n > 0 ? &x->delta : NULL;

    return ch_db_one(s->db, a, f,
                     CH_CALL(&signer_crl_signed, ch_p_text(x->h->algorithm), ch_p_int(a, x->full.plan.number),
                             ch_p_bytes(x->full.der), d != NULL ? ch_p_bytes(d->der) : ch_p_null(),
                             ch_p_int(a, (int64_t)x->full.plan.n),
                             d != NULL ? ch_p_int(a, (int64_t)d->plan.n) : ch_p_null()),
                     NULL);
}

enum ch_err crl_make(struct signer *s, struct ch_arena *a, const char *ca, char *text, struct ch_fault *f)
{
    struct issue_of_lists x = {.h = signer_ca(s, ca)};
    struct ch_rows rows[2];

    if (x.h == NULL)
        return ch_fault(f, CH_E_UNAVAILABLE, "the keys of that CA are not here");
    revocations_check(s, a);
    enum ch_err e = read_entries(s, a, ca, rows, f);
    if (e != CH_OK)
        return e;
    plan_lists(s, a, rows, &x);
    if (!fix_list(a, x.h, &x.full) || (x.delta.plan.base > 0 && !fix_list(a, x.h, &x.delta)))
        return ch_fault(f, CH_E_INVALID, "what is revoked does not make a list");
    e = record_signatures(s, a, &x, f);
    if (e != CH_OK)
        return e;
    if (!sign_list(a, x.h, &x.full) || (x.delta.tbs.n > 0 && !sign_list(a, x.h, &x.delta)))
        return ch_fault(f, CH_E_INTERNAL, "list %" PRId64 ": %s", x.full.plan.number, ch_openssl_reason());
    snprintf(text, SERVER_TEXT, "list %" PRId64 ", %zu entries", x.full.plan.number, x.full.plan.n);
    return store_lists(s, a, &x, f);
}
