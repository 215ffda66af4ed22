/* SPDX-License-Identifier: Apache-2.0
 * Issuing the certificates of an order, one or a pair for each item, in two transactions. The first records serial number,
 * validity and SM3 digest of everything that will be signed, before the authority's key is used; the second stores the result
 * and ends the production. If a crash comes in between, the next attempt uses the same serial numbers and new keys: nobody has
 * got the old ones. */
#include "programs/signer/operations.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/pki/csr.h"
#include "core/pki/envelope.h"
#include "programs/signer/decision.h"
#include "programs/signer/issue.h"
#include "programs/signer/key_file.h"
#include "programs/signer/order.h"
#include "programs/signer/pins.h"
#include "programs/signer/request.h"

#include <string.h>

#define PAIR 2
#define RENEWAL_MOST \
    ((int64_t)92 * 86400) /* no project opens renewals earlier (hall.project.renew_days), and the end has a slack */

/* An item whose certificates are being made. The signature certificate is the first; the second, if any, is for encryption. */
struct made {
    const struct order_item *item;
    size_t n;
    struct ch_certificate_plan plan[PAIR];
    struct issue issue[PAIR];
    /* How the keys leave the signer: in one of these two ways. A token without a pair has made its only key itself. */
    struct ch_bytes key_file, enveloped;
};

struct production {
    const struct order *order;
    const struct decision *decision; /* of the producer */
    const struct hierarchy *ca;
    const char *pin; /* protects all key files; NULL when none is made */
    struct made *items;
    size_t n;
};

static const char *const key_use[PAIR] = {"signature", "encryption"};

/* Plans serial number and validity: new ones, or those that an interrupted attempt has recorded. */
static enum ch_err plan_frame(const struct order_item *i, const struct hierarchy *ca, const char *serial,
                              struct ch_certificate_plan *plan, struct ch_fault *f)
{
    if (i->serial != NULL) {
        plan->not_before = i->not_before;
        plan->not_after = i->not_after;
    } else {
        plan->not_before = ch_now_ms() / 1000 - CLOCK_SKEW;
        plan->not_after = issue_end(plan->not_before, i->years, ca->ca);
        if (i->keep_end > plan->not_after + RENEWAL_MOST)
            return ch_fault(f, CH_E_INVALID, "the certificate would last too long");
        if (i->keep_end > 0) /* a reissue ends as the old one did, a renewal as many years after it */
            plan->not_after = issue_limit(i->keep_end, ca->ca);
    }
    if (plan->not_after <= plan->not_before)
        return ch_fault(f, CH_E_INVALID, "the certificate to be replaced has run out");
    if (serial == NULL)
        issue_serial(plan->serial); /* if it is taken, the database refuses it, and the next attempt makes another one */
    else if (!issue_serial_read(serial, plan->serial))
        return ch_fault(f, CH_E_INTERNAL, "the serial number of the row is none");
    return CH_OK;
}

static enum ch_err plan_item(struct signer *s, struct ch_arena *a, const struct production *p, struct made *m,
                             struct ch_fault *f)
{
    const struct order_item *i = m->item;
    const char *serials[PAIR] = {i->serial, i->encryption_serial};
    struct ch_certificate_plan common = {.origin = s->origin, .site = s->site};
    struct ch_csr csr = {0};
    enum ch_err e = order_subject(s, a, p->order, i, &common, f);

    if (e == CH_OK && i->token) /* module produce has checked it before, but the signer trusts no other program */
        e = ch_csr_read(a, i->request, p->ca->algorithm, &csr, f);
    for (size_t k = 0; e == CH_OK && k < m->n && k < PAIR; k++) {
        m->plan[k] = common;
        m->plan[k].profile = k == 0 ? i->profile : i->pair;
        m->plan[k].key = k == 0 ? csr.key : NULL;
        e = plan_frame(i, p->ca, serials[k], &m->plan[k], f);
        if (e == CH_OK)
            e = issue_prepare(p->ca, &m->plan[k], &m->issue[k], f);
    }
    return e;
}

/* Runs the calls in one transaction. */
static enum ch_err run_transaction(const struct signer *s, struct ch_arena *a, const struct ch_call *calls, size_t n,
                                   struct ch_fault *f)
{
    return ch_db_run(s->db, a, f, calls, n, ch_alloc_array(a, n, sizeof(struct ch_rows)));
}

static struct ch_call *alloc_calls(struct ch_arena *a, const struct production *p)
{
    return ch_alloc_array(a, PAIR * p->n + 1, sizeof(struct ch_call));
}

static struct ch_call issuing_call(struct ch_arena *a, const struct production *p, const struct made *m, size_t k)
{
    const struct ch_certificate_plan *plan = &m->plan[k];
    unsigned char *spki = ch_alloc(a, CH_SHA256_BYTES);

    ch_sha256(ch_alg_public_der(a, m->issue[k].key), spki);
    return order_keep_call(
        a, CH_CALL(&signer_issuing, ch_p_text(p->order->id), ch_p_int(a, m->item->number), ch_p_text(key_use[k]),
                   ch_p_text(issue_serial_text(a, plan->serial)), ch_p_text(p->ca->algorithm),
                   ch_p_text(p->ca->algorithm), ch_p_text(plan->profile->kind),
                   ch_p_text(ch_rfc3339(a, plan->not_before)), ch_p_text(ch_rfc3339(a, plan->not_after)),
                   ch_p_bytes(CH_BYTES(m->issue[k].tbs_sm3, CH_SM3_BYTES)), ch_p_bytes(CH_BYTES(spki, CH_SHA256_BYTES))));
}

/* The first transaction: what will be signed is on record before the key is used. */
static enum ch_err record_issuing(const struct signer *s, struct ch_arena *a, const struct production *p, struct ch_fault *f)
{
    struct ch_call *calls = alloc_calls(a, p);
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->items[i].n && k < PAIR; k++)
            calls[n++] = issuing_call(a, p, &p->items[i], k);
    return run_transaction(s, a, calls, n, f);
}

/* From here on the decision stands for these serial numbers, which are on record, and for no others. */
static enum ch_err use_decision(struct signer *s, struct ch_arena *a, const struct production *p, struct ch_fault *f)
{
    struct ch_buf serials;

    ch_buf_init(&serials, a);
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->items[i].n && k < PAIR; k++)
            ch_buf_add(&serials, p->items[i].plan[k].serial, CH_SERIAL_BYTES);
    return decision_use(s, a, p->order, p->decision, ch_buf_bytes(&serials), f);
}

/* Puts the item's keys and certificates into one PKCS#12 file, protected by the order's PIN. */
static enum ch_err protect_by_pin(const struct signer *s, struct ch_arena *a, const struct production *p,
                                  struct made *m, struct ch_fault *f)
{
    struct key_entry entries[PAIR];

    for (size_t k = 0; k < m->n; k++) {
        const char *name = issue_name(a, m->issue[k].cert);
        entries[k] =
            (struct key_entry){m->issue[k].key, m->issue[k].cert, k == 0 ? name : ch_printf(a, "%s（加密）", name)};
    }
    STACK_OF(X509) *chain = issue_chain(p->ca);
    enum ch_err e = key_file_make(a, entries, m->n, chain, p->pin, s->iterations, &m->key_file, f);
    sk_X509_free(chain);
    return e;
}

static struct ch_call issued_call(struct ch_arena *a, const struct production *p, const struct made *m, size_t k)
{
    bool first = k == 0;

    return order_keep_call(
        a, CH_CALL(&signer_issued, ch_p_text(p->order->id), ch_p_text(p->ca->algorithm),
                   ch_p_text(issue_serial_text(a, m->plan[k].serial)), ch_p_bytes(ch_cert_der(a, m->issue[k].cert)),
                   ch_p_bytes(first ? m->key_file : CH_BYTES(NULL, 0)),
                   ch_p_bytes(first ? CH_BYTES(NULL, 0) : m->enveloped), ch_p_text(ch_cert_subject(a, m->issue[k].cert))));
}

/* The second transaction: it stores certificates and protected keys and ends the production. The signature certificate of the
 * first item comes last, because the pages show the newest certificate of an order. */
static enum ch_err record_issued(const struct signer *s, struct ch_arena *a, const struct production *p, struct ch_fault *f)
{
    struct ch_call *calls = alloc_calls(a, p);
    size_t n = 0;

    for (size_t i = p->n; i-- > 0;)
        for (size_t k = p->items[i].n; k-- > 0;)
            calls[n++] = issued_call(a, p, &p->items[i], k);
    calls[n++] = order_keep_call(a, CH_CALL(&signer_produced, ch_p_text(p->order->id)));
    return run_transaction(s, a, calls, n, f);
}

static enum ch_err sign_item(const struct signer *s, struct ch_arena *a, const struct production *p, struct made *m,
                             struct ch_fault *f)
{
    enum ch_err e = CH_OK;

    for (size_t k = 0; e == CH_OK && k < m->n; k++)
        e = issue_sign(p->ca, &m->issue[k], f);
    if (e != CH_OK)
        return e;
    if (!m->item->token)
        return protect_by_pin(s, a, p, m, f);
    /* A token needs only the encryption key, which is enveloped for the key that was made on the token. */
    if (m->n == PAIR && !ch_envelope_make(a, m->issue[0].key, m->issue[1].key, &m->enveloped))
        return ch_fault(f, CH_E_INTERNAL, "the encryption key cannot be enveloped");
    return CH_OK;
}

/* Opens the PIN once for all key files, if any is made. The opening is on record before it happens. */
static enum ch_err open_production_pin(struct signer *s, struct ch_arena *a, struct production *p, struct ch_fault *f)
{
    for (size_t i = 0; i < p->n; i++)
        if (!p->items[i].item->token)
            return pin_open(s, a, p->order->id, "production", &p->pin, f);
    return CH_OK;
}

static enum ch_err issue_items(struct signer *s, struct ch_arena *a, struct production *p, struct ch_fault *f)
{
    enum ch_err e = CH_OK;

    for (size_t i = 0; e == CH_OK && i < p->n; i++)
        e = plan_item(s, a, p, &p->items[i], f);
    if (e == CH_OK)
        e = record_issuing(s, a, p, f);
    if (e == CH_OK)
        e = use_decision(s, a, p, f);
    if (e == CH_OK)
        e = open_production_pin(s, a, p, f);
    for (size_t i = 0; e == CH_OK && i < p->n; i++)
        e = sign_item(s, a, p, &p->items[i], f);
    return e == CH_OK ? record_issued(s, a, p, f) : e;
}

static enum ch_err issue_own(struct signer *s, struct ch_arena *a, const struct order *o, const struct decision *d,
                             struct ch_fault *f)
{
    struct production p = {
        .order = o, .decision = d, .ca = signer_ca(s, o->ca), .n = o->n, .items = ch_alloc_array(a, o->n, sizeof *p.items)};

    if (p.ca == NULL)
        return ch_fault(f, CH_E_INTERNAL, "there is no CA %s here", o->ca);
    for (size_t i = 0; i < o->n; i++) {
        p.items[i] = (struct made){.item = &o->items[i], .n = o->items[i].pair != NULL ? PAIR : 1};
        /* GM/T 0009 defines an envelope for SM2 keys; there is no such standard for tokens with RSA or P-256. */
        if (p.items[i].n == PAIR && o->items[i].token && strcmp(p.ca->algorithm, "sm2") != 0)
            return ch_fault(f, CH_E_INVALID, "a token's pair is SM2 only");
    }
    enum ch_err e = issue_items(s, a, &p, f);
    for (size_t i = 0; i < p.n; i++)
        for (size_t k = 0; k < PAIR; k++)
            issue_free(&p.items[i].issue[k]);
    return e;
}

/* The certificates that an external authority has issued for the requests. */
static enum ch_err take_external(struct signer *s, struct ch_arena *a, const struct order *o, const struct decision *d,
                                 struct ch_fault *f)
{
    struct ch_buf requests;

    ch_buf_init(&requests, a);
    for (size_t i = 0; i < o->n; i++)
        ch_buf_add(&requests, o->items[i].request.p, o->items[i].request.n);
    enum ch_err e = decision_use(s, a, o, d, ch_buf_bytes(&requests), f);
    return e == CH_OK ? request_finish(s, a, o, f) : e;
}

enum ch_err order_issue(struct signer *s, struct ch_arena *a, const char *order_id, char *text, struct ch_fault *f)
{
    (void)text;
    struct order o;
    struct decision d;
    enum ch_err e = order_read(s, a, order_id, &o, f);

    if (e != CH_OK)
        return e;
    if (!order_ready(&o))
        return ch_fault(f, CH_E_CONFLICT, "no certificate is wanted");
    e = decision_check(s, a, &o, &d, f);
    if (e != CH_OK)
        return e;
    return o.external ? take_external(s, a, &o, &d, f) : issue_own(s, a, &o, &d, f);
}
