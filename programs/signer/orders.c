/* SPDX-License-Identifier: Apache-2.0
 * The certificate of an order, or its pair. In two transactions: the first records serial number, validity and SM3 of
 * what will be signed, before the authority's key is used; the second stores what was made and ends the production.
 * What a crash leaves in between is taken up with the same serial numbers and fresh keys: nobody has seen the old
 * ones. */
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

/* The signature's certificate comes first; an encryption certificate is never without it. */
struct production {
    const struct order *order;
    const struct hierarchy *ca;
    size_t n;
    struct ch_certificate_plan plan[PAIR];
    struct issue issue[PAIR];
    /* What protects the keys: one of the two, or of a token without a pair neither. */
    struct ch_bytes key_file, enveloped;
};

static const char *const key_use[PAIR] = {"signature", "encryption"};

/* Serial number and validity: new, or those of the row that a crash has left. */
static enum ch_err plan_frame(const struct order *o, const struct hierarchy *ca, const char *serial,
                              struct ch_certificate_plan *plan, struct ch_fault *f)
{
    if (o->serial != NULL) {
        plan->not_before = o->not_before;
        plan->not_after = o->not_after;
    } else {
        plan->not_before = ch_now_ms() / 1000 - CLOCK_SKEW;
        plan->not_after = issue_end(plan->not_before, o->years, ca->ca);
        if (o->keep_end > 0 && o->keep_end < plan->not_after)
            plan->not_after = o->keep_end;
    }
    if (plan->not_after <= plan->not_before)
        return ch_fault(f, CH_E_INVALID, "the certificate to be replaced has run out");
    if (serial == NULL)
        issue_serial(plan->serial); /* one that is taken is refused by the database: asked again, it is another */
    else if (!issue_serial_read(serial, plan->serial))
        return ch_fault(f, CH_E_INTERNAL, "the serial number of the row is none");
    return CH_OK;
}

static enum ch_err plan_all(struct signer *s, struct ch_arena *a, struct production *p, struct ch_fault *f)
{
    const struct order *o = p->order;
    const char *serials[PAIR] = {o->serial, o->encryption_serial};
    struct ch_certificate_plan common = {.origin = s->origin, .site = s->site};
    struct ch_csr csr = {0};
    enum ch_err e = order_subject(s, a, o, &common, f);

    if (e == CH_OK && o->token) /* what the desk's module has checked before: the signer takes nobody's word for it */
        e = ch_csr_read(a, o->request, p->ca->algorithm, &csr, f);
    for (size_t i = 0; e == CH_OK && i < p->n; i++) {
        p->plan[i] = common;
        p->plan[i].profile = i == 0 ? o->profile : o->pair;
        p->plan[i].key = i == 0 ? csr.key : NULL;
        e = plan_frame(o, p->ca, serials[i], &p->plan[i], f);
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

static enum ch_err run(const struct signer *s, struct ch_arena *a, const struct ch_call *calls, size_t n,
                       struct ch_fault *f)
{
    struct ch_rows rows[PAIR + 1];
    return ch_db_run(s->db, a, f, calls, n, rows); /* one transaction */
}

/* Step one: what is going to be signed stands in the database before the key is used. */
static enum ch_err record_issuing(const struct signer *s, struct ch_arena *a, const struct production *p,
                                  struct ch_fault *f)
{
    struct ch_call calls[PAIR];
    unsigned char spki[PAIR][CH_SHA256_BYTES];

    for (size_t i = 0; i < p->n; i++) {
        const struct ch_certificate_plan *plan = &p->plan[i];
        ch_sha256(ch_public_der(a, p->issue[i].key), spki[i]);
        calls[i] =
            kept(a, CH_CALL(&signer_issuing, ch_p_text(p->order->id), ch_p_int(a, 1), ch_p_text(key_use[i]),
                            ch_p_text(issue_serial_text(a, plan->serial)), ch_p_text(p->ca->algorithm),
                            ch_p_text(p->ca->algorithm), ch_p_text(plan->profile->kind),
                            ch_p_text(ch_rfc3339(a, plan->not_before)), ch_p_text(ch_rfc3339(a, plan->not_after)),
                            ch_p_bytes(CH_BYTES(p->issue[i].tbs_sm3, CH_SM3_BYTES)),
                            ch_p_bytes(CH_BYTES(spki[i], CH_SHA256_BYTES))));
    }
    return run(s, a, calls, p->n, f);
}

/* Both pairs in one file under the order's PIN, whose opening is on record before it happens. */
static enum ch_err protect_by_pin(struct signer *s, struct ch_arena *a, struct production *p, struct ch_fault *f)
{
    const char *pin;
    struct key_entry entries[PAIR];
    enum ch_err e = pin_open(s, a, p->order->id, "production", &pin, f);

    if (e != CH_OK)
        return e;
    for (size_t i = 0; i < p->n; i++) {
        const char *name = issue_name(a, p->issue[i].cert);
        entries[i] =
            (struct key_entry){p->issue[i].key, p->issue[i].cert, i == 0 ? name : ch_printf(a, "%s（加密）", name)};
    }
    STACK_OF(X509) *chain = issue_chain(p->ca);
    e = key_file_make(a, entries, p->n, chain, pin, s->iterations, &p->key_file, f);
    sk_X509_free(chain);
    return e;
}

/* On a token only the encryption key has still to travel, to the key that the token has made. */
static enum ch_err protect_keys(struct signer *s, struct ch_arena *a, struct production *p, struct ch_fault *f)
{
    if (!p->order->token)
        return protect_by_pin(s, a, p, f);
    if (p->n == PAIR && !ch_envelope_make(a, p->issue[0].key, p->issue[1].key, &p->enveloped))
        return ch_fault(f, CH_E_INTERNAL, "the encryption key cannot be enveloped");
    return CH_OK;
}

/* Step two: certificates, what protects their keys, and the order's next state. The signature's comes last: the newest
 * certificate of an order is the one that people are shown. */
static enum ch_err record_issued(const struct signer *s, struct ch_arena *a, const struct production *p,
                                 struct ch_fault *f)
{
    struct ch_call calls[PAIR + 1];

    for (size_t i = 0; i < p->n; i++) {
        bool first = i == 0;
        calls[p->n - 1 - i] = kept(a, CH_CALL(&signer_issued, ch_p_text(p->order->id), ch_p_text(p->ca->algorithm),
                                              ch_p_text(issue_serial_text(a, p->plan[i].serial)),
                                              ch_p_bytes(ch_cert_der(a, p->issue[i].cert)),
                                              ch_p_bytes(first ? p->key_file : CH_BYTES(NULL, 0)),
                                              ch_p_bytes(first ? CH_BYTES(NULL, 0) : p->enveloped),
                                              ch_p_text(ch_cert_subject(a, p->issue[i].cert))));
    }
    calls[p->n] = kept(a, CH_CALL(&signer_produced, ch_p_text(p->order->id)));
    return run(s, a, calls, p->n + 1, f);
}

static enum ch_err make_all(struct signer *s, struct ch_arena *a, struct production *p, struct ch_fault *f)
{
    enum ch_err e = CH_OK;

    for (size_t i = 0; e == CH_OK && i < p->n; i++)
        e = issue_prepare(p->ca, &p->plan[i], &p->issue[i], f);
    if (e == CH_OK)
        e = record_issuing(s, a, p, f);
    for (size_t i = 0; e == CH_OK && i < p->n; i++)
        e = issue_sign(p->ca, &p->issue[i], f);
    if (e == CH_OK)
        e = protect_keys(s, a, p, f);
    if (e == CH_OK)
        e = record_issued(s, a, p, f);
    for (size_t i = 0; i < p->n; i++)
        issue_free(&p->issue[i]);
    return e;
}

static enum ch_err issue_own(struct signer *s, struct ch_arena *a, const struct order *o, struct ch_fault *f)
{
    struct production p = {.order = o, .ca = signer_ca(s, o->ca), .n = o->pair != NULL ? PAIR : 1};

    if (p.ca == NULL)
        return ch_fault(f, CH_E_INTERNAL, "there is no CA %s here", o->ca);
    /* GM/T 0009 envelopes SM2 keys; nothing of the kind is standard for tokens with RSA or P-256. */
    if (p.n == PAIR && o->token && strcmp(p.ca->algorithm, "sm2") != 0)
        return ch_fault(f, CH_E_INVALID, "a token's pair is SM2 only");
    enum ch_err e = plan_all(s, a, &p, f);
    return e == CH_OK ? make_all(s, a, &p, f) : e;
}

enum ch_err order_issue(struct signer *s, struct ch_arena *a, const char *order_id, char *text, struct ch_fault *f)
{
    (void)text;
    struct order o;
    enum ch_err e = order_read(s, a, order_id, &o, f);

    if (e != CH_OK)
        return e;
    if (!o.issue_wanted)
        return ch_fault(f, CH_E_CONFLICT, "no certificate is wanted");
    return o.external ? request_finish(s, a, &o, f) : issue_own(s, a, &o, f);
}
