/* SPDX-License-Identifier: Apache-2.0
 * Signing OCSP responses beforehand (RFC 5019): a single one after a certificate's state has changed, and batches of those
 * whose life is half over. */
#include "programs/signer/operations.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/pki/certificate.h"
#include "core/pki/ocsp.h"
#include "programs/signer/revocation.h"
#include "programs/signer/server.h"

#include <stdio.h>
#include <string.h>

#define BATCH 250          /* takes some tenths of a second of the only thread */
#define SHORTEST_LIFE 3600 /* seconds; if less is left, the OCSP signer's certificate must be renewed first */

/* Responses that are signed together: rows of signer_ocsp, all for certificates of one CA. */
struct batch {
    const struct hierarchy *h;
    const struct ch_rows *rows;
    int64_t from, until;
    struct ch_bytes *tbs;
    struct ch_buf ids, reasons, times, digests, ders; /* texts of PostgreSQL arrays */
};

/* Sets the validity of the responses, which must not exceed that of the OCSP signer's certificate. */
static enum ch_err set_life(struct batch *b, struct ch_fault *f)
{
    if (b->h->ocsp == NULL || b->h->ocsp_key == NULL)
        return ch_fault(f, CH_E_UNAVAILABLE, "%s has no OCSP signer, run certhall-signer init", b->h->algorithm);
    int64_t end = ch_cert_end(b->h->ocsp);
    b->from = ch_now_ms() / 1000;
    b->until = b->from + ch_conf_int(CONF_OCSP_HOURS) * 3600;
    if (b->until > end)
        b->until = end;
    return b->until - b->from >= SHORTEST_LIFE
               ? CH_OK
               : ch_fault(f, CH_E_UNAVAILABLE, "the OCSP signer of %s runs out", b->h->algorithm);
}

/* Adds a value to an array. Hex digits, UUIDs, numbers and our own words need no quotes. */
static void add_value(struct ch_buf *array, const char *value)
{
    ch_buf_puts(array, array->n == 0 ? "{" : ",");
    ch_buf_puts(array, value != NULL ? value : "NULL");
}

static const char *close_array(struct ch_buf *array)
{
    ch_buf_putc(array, '}');
    return array->p;
}

static bool fix_responses(struct ch_arena *a, struct batch *b)
{
    struct ch_ocsp_issuer issuer;
    unsigned char sm3[CH_SM3_BYTES];

    ch_ocsp_issuer(b->h->ca, &issuer);
    b->tbs = ch_alloc_array(a, (size_t)b->rows->n, sizeof *b->tbs);
    for (int i = 0; i < b->rows->n; i++) {
        struct ch_ocsp_plan plan = {.issuer = &issuer,
                                    .serial = ch_col(b->rows, i, "serial"),
                                    .reason = ch_col(b->rows, i, "reason"),
                                    .revoked_at = ch_col_int(b->rows, i, "revoked_at"),
                                    .this_update = b->from,
                                    .next_update = b->until,
                                    .produced_at = b->from};
        if (!ch_ocsp_fix(a, &plan, b->h->ocsp, &b->tbs[i]))
            return false;
        ch_sm3(b->tbs[i], sm3);
        add_value(&b->ids, ch_col(b->rows, i, "id"));
        add_value(&b->reasons, plan.reason);
        add_value(&b->times, ch_col(b->rows, i, "revoked_at"));
        add_value(&b->digests, ch_hex(a, CH_BYTES(sm3, sizeof sm3)));
    }
    return true;
}

/* Signs all responses, and checks the first as a relying party would; key and certificate are the same for the others. */
static bool sign_responses(struct ch_arena *a, struct batch *b)
{
    struct ch_ocsp_answer answer;

    for (int i = 0; i < b->rows->n; i++) {
        struct ch_bytes der;
        if (!ch_ocsp_sign(a, b->tbs[i], b->h->ocsp, b->h->ocsp_key, &der))
            return false;
        if (i == 0 && ch_ocsp_verify(a, der, b->h->ca, ch_col(b->rows, 0, "serial"), b->from, &answer) > CH_OCSP_REVOKED)
            return false;
        add_value(&b->ders, ch_hex(a, der));
    }
    return true;
}

static enum ch_err sign_batch(struct signer *s, struct ch_arena *a, struct batch *b, char *text, struct ch_fault *f)
{
    struct ch_rows kept;
    enum ch_err e = set_life(b, f);

    if (e != CH_OK)
        return e;
    struct ch_buf *arrays[] = {&b->ids, &b->reasons, &b->times, &b->digests, &b->ders};
    for (size_t i = 0; i < CH_COUNT(arrays); i++)
        ch_buf_init(arrays[i], a);
    if (!fix_responses(a, b))
        return ch_fault(f, CH_E_INVALID, "a certificate's row does not make a status");
    const char *ids = close_array(&b->ids);
    e = ch_db_one(s->db, a, f,
                  CH_CALL(&signer_signatures, ch_p_text(b->h->algorithm), ch_p_text("ocsp"), ch_p_text("ocsp"),
                          ch_p_text(ids), ch_p_text(close_array(&b->digests))),
                  NULL);
    if (e != CH_OK)
        return e;
    if (!sign_responses(a, b))
        return ch_fault(f, CH_E_INTERNAL, "status: %s", ch_openssl_reason());
    e = ch_db_one(s->db, a, f,
                  CH_CALL(&signer_ocsp_signed, ch_p_text(ids), ch_p_text(close_array(&b->reasons)),
                          ch_p_text(close_array(&b->times)), ch_p_text(close_array(&b->ders)),
                          ch_p_text(ch_rfc3339(a, b->from)), ch_p_text(ch_rfc3339(a, b->until))),
                  &kept);
    if (e == CH_OK) /* the database drops one whose state has changed meanwhile, since another job makes a new one */
        snprintf(text, SERVER_TEXT, "%s of %d", ch_col(&kept, 0, "kept"), b->rows->n);
    return e;
}

enum ch_err status_make(struct signer *s, struct ch_arena *a, const char *certificate, char *text, struct ch_fault *f)
{
    struct ch_rows rows;

    revocations_check(s, a);
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_ocsp, ch_p_text(certificate)), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return ch_fault(f, CH_E_CONFLICT, "no status of this certificate is given");
    struct batch b = {.h = signer_ca(s, ch_col(&rows, 0, "ca")), .rows = &rows};
    return b.h != NULL ? sign_batch(s, a, &b, text, f) : ch_fault(f, CH_E_UNAVAILABLE, "the keys of that CA are not here");
}

enum ch_err status_make_due(struct signer *s, struct ch_arena *a, const char *ca, char *text, struct ch_fault *f)
{
    struct ch_rows rows;
    struct batch b = {.h = signer_ca(s, ca), .rows = &rows};

    if (b.h == NULL)
        return ch_fault(f, CH_E_UNAVAILABLE, "the keys of that CA are not here");
    revocations_check(s, a);
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_ocsp_due, ch_p_text(ca), ch_p_int(a, BATCH)), &rows);
    if (e != CH_OK)
        return e;
    return rows.n > 0 ? sign_batch(s, a, &b, text, f) : ch_fault(f, CH_E_CONFLICT, "no status is due");
}
