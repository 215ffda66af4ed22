/* SPDX-License-Identifier: Apache-2.0
 * The certificates of an order: of each of its items one, or a pair. In two transactions: the first records serial
 * number, validity and SM3 of all that will be signed, before the authority's key is used; the second stores all that was
 * made and ends the production. What a crash leaves in between is taken up with the same serial numbers and fresh keys:
 * nobody has seen the old ones. */
#include "programs/signer/operations.h"

#include "core/base/clock.h"
#include "core/pki/csr.h"
#include "core/pki/envelope.h"
#include "programs/signer/issue.h"
#include "programs/signer/key_file.h"
#include "programs/signer/order.h"
#include "programs/signer/pins.h"
#include "programs/signer/request.h"

#include <string.h>

#define PAIR 2

/* An item on its way. The signature's certificate comes first; an encryption certificate is never without it. */
struct made {
    const struct order_item *item;
    size_t n;
    struct ch_certificate_plan plan[PAIR];
    struct issue issue[PAIR];
    /* What protects the keys: one of the two, or of a token without a pair neither. */
    struct ch_bytes key_file, enveloped;
};

struct production {
    const struct order *order;
    const struct hierarchy *ca;
    const char *pin; /* of all key files; NULL: none is made */
    struct made *items;
    size_t n;
};

static const char *const key_use[PAIR] = {"signature", "encryption"};

/* Serial number and validity: new, or those of the row that a crash has left. */
static enum ch_err plan_frame(const struct order_item *i, const struct hierarchy *ca, const char *serial,
                              struct ch_certificate_plan *plan, struct ch_fault *f)
{
    if (i->serial != NULL) {
        plan->not_before = i->not_before;
        plan->not_after = i->not_after;
    } else {
        plan->not_before = ch_now_ms() / 1000 - CLOCK_SKEW;
        plan->not_after = issue_end(plan->not_before, i->years, ca->ca);
        if (i->keep_end > 0 && i->keep_end < plan->not_after)
            plan->not_after = i->keep_end;
    }
    if (plan->not_after <= plan->not_before)
        return ch_fault(f, CH_E_INVALID, "the certificate to be replaced has run out");
    if (serial == NULL)
        issue_serial(plan->serial); /* one that is taken is refused by the database: asked again, it is another */
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

    if (e == CH_OK && i->token) /* what the desk's module has checked before: the signer takes nobody's word for it */
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

/* The parameters of a call live no longer than the block that names them: these go into the arena. */
static struct ch_call kept(struct ch_arena *a, struct ch_call c)
{
    struct ch_param *params = ch_alloc_array(a, c.n, sizeof *params);

    memcpy(params, c.params, c.n * sizeof *params);
    c.params = params;
    return c;
}

/* One transaction. */
static enum ch_err run(const struct signer *s, struct ch_arena *a, const struct ch_call *calls, size_t n,
                       struct ch_fault *f)
{
    return ch_db_run(s->db, a, f, calls, n, ch_alloc_array(a, n, sizeof(struct ch_rows)));
}

static struct ch_call *calls_for(struct ch_arena *a, const struct production *p)
{
    return ch_alloc_array(a, PAIR * p->n + 1, sizeof(struct ch_call));
}

static struct ch_call issuing(struct ch_arena *a, const struct production *p, const struct made *m, size_t k)
{
    const struct ch_certificate_plan *plan = &m->plan[k];
    unsigned char *spki = ch_alloc(a, CH_SHA256_BYTES);

    ch_sha256(ch_public_der(a, m->issue[k].key), spki);
    return kept(a, CH_CALL(&signer_issuing, ch_p_text(p->order->id), ch_p_int(a, m->item->number), ch_p_text(key_use[k]),
                           ch_p_text(issue_serial_text(a, plan->serial)), ch_p_text(p->ca->algorithm),
                           ch_p_text(p->ca->algorithm), ch_p_text(plan->profile->kind),
                           ch_p_text(ch_rfc3339(a, plan->not_before)), ch_p_text(ch_rfc3339(a, plan->not_after)),
                           ch_p_bytes(CH_BYTES(m->issue[k].tbs_sm3, CH_SM3_BYTES)),
                           ch_p_bytes(CH_BYTES(spki, CH_SHA256_BYTES))));
}

/* Step one: what is going to be signed stands in the database before the key is used. */
static enum ch_err record_issuing(const struct signer *s, struct ch_arena *a, const struct production *p,
                                  struct ch_fault *f)
{
    struct ch_call *calls = calls_for(a, p);
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->items[i].n && k < PAIR; k++)
            calls[n++] = issuing(a, p, &p->items[i], k);
    return run(s, a, calls, n, f);
}

/* Both pairs in one file under the order's PIN. */
static enum ch_err protect_by_pin(const struct signer *s, struct ch_arena *a, const struct production *p, struct made *m,
                                  struct ch_fault *f)
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

/* On a token only the encryption key has still to travel, to the key that the token has made. */
static enum ch_err protect_keys(const struct signer *s, struct ch_arena *a, const struct production *p, struct made *m,
                                struct ch_fault *f)
{
    if (!m->item->token)
        return protect_by_pin(s, a, p, m, f);
    if (m->n == PAIR && !ch_envelope_make(a, m->issue[0].key, m->issue[1].key, &m->enveloped))
        return ch_fault(f, CH_E_INTERNAL, "the encryption key cannot be enveloped");
    return CH_OK;
}

static struct ch_call issued(struct ch_arena *a, const struct production *p, const struct made *m, size_t k)
{
    bool first = k == 0;

    return kept(a, CH_CALL(&signer_issued, ch_p_text(p->order->id), ch_p_text(p->ca->algorithm),
                           ch_p_text(issue_serial_text(a, m->plan[k].serial)),
                           ch_p_bytes(ch_cert_der(a, m->issue[k].cert)),
                           ch_p_bytes(first ? m->key_file : CH_BYTES(NULL, 0)),
                           ch_p_bytes(first ? CH_BYTES(NULL, 0) : m->enveloped),
                           ch_p_text(ch_cert_subject(a, m->issue[k].cert))));
}

/* Step two: certificates, what protects their keys, and the order's next state. The first item's signature comes last:
 * the newest certificate of an order is the one that people are shown. */
static enum ch_err record_issued(const struct signer *s, struct ch_arena *a, const struct production *p,
                                 struct ch_fault *f)
{
    struct ch_call *calls = calls_for(a, p);
    size_t n = 0;

    for (size_t i = p->n; i-- > 0;)
        for (size_t k = p->items[i].n; k-- > 0;)
            calls[n++] = issued(a, p, &p->items[i], k);
    calls[n++] = kept(a, CH_CALL(&signer_produced, ch_p_text(p->order->id)));
    return run(s, a, calls, n, f);
}

static enum ch_err sign_item(const struct signer *s, struct ch_arena *a, const struct production *p, struct made *m,
                             struct ch_fault *f)
{
    enum ch_err e = CH_OK;

    for (size_t k = 0; e == CH_OK && k < m->n; k++)
        e = issue_sign(p->ca, &m->issue[k], f);
    return e == CH_OK ? protect_keys(s, a, p, m, f) : e;
}

/* The opening of the PIN is on record before it happens, once for all key files. */
static enum ch_err open_pin(struct signer *s, struct ch_arena *a, struct production *p, struct ch_fault *f)
{
    for (size_t i = 0; i < p->n; i++)
        if (!p->items[i].item->token)
            return pin_open(s, a, p->order->id, "production", &p->pin, f);
    return CH_OK;
}

static enum ch_err make_all(struct signer *s, struct ch_arena *a, struct production *p, struct ch_fault *f)
{
    enum ch_err e = CH_OK;

    for (size_t i = 0; e == CH_OK && i < p->n; i++)
        e = plan_item(s, a, p, &p->items[i], f);
    if (e == CH_OK)
        e = record_issuing(s, a, p, f);
    if (e == CH_OK)
        e = open_pin(s, a, p, f);
    for (size_t i = 0; e == CH_OK && i < p->n; i++)
        e = sign_item(s, a, p, &p->items[i], f);
    return e == CH_OK ? record_issued(s, a, p, f) : e;
}

static enum ch_err issue_own(struct signer *s, struct ch_arena *a, const struct order *o, struct ch_fault *f)
{
    struct production p = {.order = o, .ca = signer_ca(s, o->ca), .n = o->n,
                           .items = ch_alloc_array(a, o->n, sizeof *p.items)};

    if (p.ca == NULL)
        return ch_fault(f, CH_E_INTERNAL, "there is no CA %s here", o->ca);
    for (size_t i = 0; i < o->n; i++) {
        p.items[i] = (struct made){.item = &o->items[i], .n = o->items[i].pair != NULL ? PAIR : 1};
        /* GM/T 0009 envelopes SM2 keys; nothing of the kind is standard for tokens with RSA or P-256. */
        if (p.items[i].n == PAIR && o->items[i].token && strcmp(p.ca->algorithm, "sm2") != 0)
            return ch_fault(f, CH_E_INVALID, "a token's pair is SM2 only");
    }
    enum ch_err e = make_all(s, a, &p, f);
    for (size_t i = 0; i < p.n; i++)
        for (size_t k = 0; k < PAIR; k++)
            issue_free(&p.items[i].issue[k]);
    return e;
}

enum ch_err order_issue(struct signer *s, struct ch_arena *a, const char *order_id, char *text, struct ch_fault *f)
{
    (void)text;
    struct order o;
    enum ch_err e = order_read(s, a, order_id, &o, f);

    if (e != CH_OK)
        return e;
    if (!order_ready(&o))
        return ch_fault(f, CH_E_CONFLICT, "no certificate is wanted");
    return o.external ? request_finish(s, a, &o, f) : issue_own(s, a, &o, f);
}
