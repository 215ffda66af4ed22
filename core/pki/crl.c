/* SPDX-License-Identifier: Apache-2.0
 * Encodes revocation lists with core/pki/der.h, and reads them with OpenSSL. */
#include "core/pki/crl.h"

#include "core/base/clock.h"
#include "core/crypto/digest.h"
#include "core/pki/certificate.h"
#include "core/pki/der.h"

#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define YEAR_2050 INT64_C(2524608000)
#define ENUMERATED 0x0a
#define KEY_IDENTIFIER 0x80 /* [0] IMPLICIT OCTET STRING */
#define URI_NAME 0x86       /* [6] IMPLICIT IA5String */

static const struct ch_bytes nothing = {(const unsigned char *)"", 0}; /* for parts that are left out */

static const struct {
    const char *word;
    int code;
} reasons[] = {
    {"unspecified", CRL_REASON_UNSPECIFIED},
    {"key_compromise", CRL_REASON_KEY_COMPROMISE},
    {"affiliation_changed", CRL_REASON_AFFILIATION_CHANGED},
    {"superseded", CRL_REASON_SUPERSEDED},
    {"cessation", CRL_REASON_CESSATION_OF_OPERATION},
    {"hold", CRL_REASON_CERTIFICATE_HOLD},
    {"remove", CRL_REASON_REMOVE_FROM_CRL},
    {"privilege_withdrawn", CRL_REASON_PRIVILEGE_WITHDRAWN},
};

int ch_crl_reason_code(const char *word)
{
    for (size_t i = 0; i < CH_COUNT(reasons); i++)
        if (strcmp(reasons[i].word, word) == 0)
            return reasons[i].code;
    return -1;
}

const char *ch_crl_reason_word(int code)
{
    for (size_t i = 0; i < CH_COUNT(reasons); i++)
        if (reasons[i].code == code)
            return reasons[i].word;
    return NULL;
}

/* ---- building ---- */

/* UTCTime for years before 2050, GeneralizedTime from then on (section 5.1.2.4). */
static struct ch_bytes put_time(struct ch_arena *a, int64_t seconds)
{
    return seconds < YEAR_2050 ? ch_der_put_text(a, CH_DER_UTC_TIME, ch_utc(a, seconds, "%y%m%d%H%M%SZ"))
                               : ch_der_put_time(a, seconds);
}

/* n = 0 for a malformed serial number. */
static struct ch_bytes put_serial(struct ch_arena *a, const char *hex)
{
    ASN1_INTEGER *serial = ch_cert_serial_read(hex);
    struct ch_bytes out = serial != NULL ? ch_asn1_der(a, serial, ASN1_ITEM_rptr(ASN1_INTEGER)) : nothing;

    ASN1_INTEGER_free(serial);
    return out;
}

static struct ch_bytes put_extension(struct ch_arena *a, int nid, bool critical, struct ch_bytes value)
{
    struct ch_bytes yes = critical ? ch_der_put(a, CH_DER_BOOLEAN, CH_LIT("\xff")) : nothing;
    const ASN1_OBJECT *oid = OBJ_nid2obj(nid);

    return CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put(a, CH_DER_OID, CH_BYTES(OBJ_get0_data(oid), OBJ_length(oid))),
                       yes, ch_der_put(a, CH_DER_OCTETS, value));
}

static struct ch_bytes put_number(struct ch_arena *a, int64_t number)
{
    return put_serial(a, ch_printf(a, "%" PRIX64, (uint64_t)number));
}

static bool put_entry(struct ch_arena *a, const struct ch_crl_entry *entry, struct ch_bytes *out)
{
    struct ch_bytes serial = put_serial(a, entry->serial), extensions = nothing, since = nothing, reason = nothing;
    int code = ch_crl_reason_code(entry->reason);
    unsigned char byte = (unsigned char)code;

    if (serial.n == 0 || code < 0)
        return false;
    if (entry->invalid_since != 0)
        since = put_extension(a, NID_invalidity_date, false, ch_der_put_time(a, entry->invalid_since));
    if (code != CRL_REASON_UNSPECIFIED) /* whose extension "should be absent instead" (section 5.3.1) */
        reason = put_extension(a, NID_crl_reason, false, ch_der_put(a, ENUMERATED, CH_BYTES(&byte, 1)));
    if (reason.n + since.n > 0)
        extensions = CH_DER_JOIN(a, CH_DER_SEQUENCE, reason, since);
    *out = CH_DER_JOIN(a, CH_DER_SEQUENCE, serial, put_time(a, entry->revoked_at), extensions);
    return true;
}

static int by_serial(const void *x, const void *y)
{
    const char *s = ((const struct ch_crl_entry *)x)->serial, *t = ((const struct ch_crl_entry *)y)->serial;
    size_t n = strlen(s), m = strlen(t);

    return n != m ? (n < m ? -1 : 1) : strcasecmp(s, t);
}

/* revokedCertificates, which an empty list leaves out. */
static bool put_entries(struct ch_arena *a, const struct ch_crl_plan *plan, struct ch_bytes *out)
{
    struct ch_crl_entry *sorted = ch_alloc_array(a, plan->n + 1, sizeof *sorted);
    struct ch_bytes *parts = ch_alloc_array(a, plan->n + 1, sizeof *parts);

    *out = nothing;
    if (plan->n == 0)
        return true;
    memcpy(sorted, plan->entries, plan->n * sizeof *sorted);
    qsort(sorted, plan->n, sizeof *sorted, by_serial);
    for (size_t i = 0; i < plan->n; i++)
        if (!put_entry(a, &sorted[i], &parts[i]))
            return false;
    *out = ch_der_wrap(a, CH_DER_SEQUENCE, parts, plan->n);
    return true;
}

static struct ch_bytes put_issuer_key(struct ch_arena *a, X509 *issuer)
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(issuer);

    if (id == NULL)
        return nothing;
    struct ch_bytes key =
        ch_der_put(a, KEY_IDENTIFIER, CH_BYTES(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id)));
    return put_extension(a, NID_authority_key_identifier, false, ch_der_put(a, CH_DER_SEQUENCE, key));
}

static struct ch_bytes put_extensions(struct ch_arena *a, const struct ch_crl_plan *plan)
{
    struct ch_bytes number = put_extension(a, NID_crl_number, false, put_number(a, plan->number));
    struct ch_bytes base = nothing, delta = nothing;

    if (plan->base != 0)
        base = put_extension(a, NID_delta_crl, true, put_number(a, plan->base));
    if (plan->delta_url != NULL) { /* one distribution point, whose full name is one address */
        struct ch_bytes name = ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put_text(a, URI_NAME, plan->delta_url));
        struct ch_bytes point = ch_der_put(a, CH_DER_SEQUENCE, ch_der_put(a, CH_DER_CONTEXT(0), name));
        delta = put_extension(a, NID_freshest_crl, false, ch_der_put(a, CH_DER_SEQUENCE, point));
    }
    return ch_der_put(a, CH_DER_CONTEXT(0),
                      CH_DER_JOIN(a, CH_DER_SEQUENCE, put_issuer_key(a, plan->issuer), number, base, delta));
}

bool ch_crl_fix(struct ch_arena *a, const struct ch_crl_plan *plan, const EVP_PKEY *issuer_key, struct ch_bytes *tbs)
{
    struct ch_bytes alg = ch_alg_der(a, issuer_key), entries;

    if (alg.n == 0 || plan->number <= 0 || plan->base < 0 || !put_entries(a, plan, &entries))
        return false;
    *tbs = CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_int(a, 1), alg,
                       ch_asn1_der(a, X509_get_subject_name(plan->issuer), ASN1_ITEM_rptr(X509_NAME)),
                       put_time(a, plan->this_update), put_time(a, plan->next_update), entries, put_extensions(a, plan));
    return true;
}

/* ---- reading ---- */

X509_CRL *ch_crl_read(struct ch_bytes der)
{
    const unsigned char *p = der.p;
    X509_CRL *crl = der.n > 0 && der.n < INT32_MAX ? d2i_X509_CRL(NULL, &p, (long)der.n) : NULL;

    if (crl != NULL && p == der.p + der.n && X509_CRL_get_version(crl) == X509_CRL_VERSION_2)
        return crl;
    X509_CRL_free(crl);
    ERR_clear_error();
    return NULL;
}

struct ch_bytes ch_crl_der(struct ch_arena *a, X509_CRL *crl)
{
    return ch_asn1_der(a, crl, ASN1_ITEM_rptr(X509_CRL));
}

/* Whether the key id in the list is the issuer's. A list without one fits every key. */
static bool key_fits(const X509_CRL *crl, X509 *issuer)
{
    AUTHORITY_KEYID *named = X509_CRL_get_ext_d2i(crl, NID_authority_key_identifier, NULL, NULL);
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(issuer);
    bool fits = named == NULL || named->keyid == NULL || (own != NULL && ASN1_OCTET_STRING_cmp(named->keyid, own) == 0);

    AUTHORITY_KEYID_free(named);
    return fits;
}

/* The algorithms inside and outside of the signed part must be the same (section 5.1.1.2). */
static bool algorithms_agree(struct ch_bytes der)
{
    struct ch_der d = ch_der_open(der), list = ch_der_enter(&d, CH_DER_SEQUENCE),
                  tbs = ch_der_enter(&list, CH_DER_SEQUENCE);

    ch_der_take(&tbs, CH_DER_INTEGER);
    struct ch_bytes inner = ch_der_whole(&tbs, CH_DER_SEQUENCE), outer = ch_der_whole(&list, CH_DER_SEQUENCE);
    return !tbs.bad && !list.bad && ch_same(inner, outer);
}

bool ch_crl_verify(X509_CRL *crl, X509 *issuer)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_bytes der = ch_crl_der(a, crl);
    bool ok = X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) == 0 && key_fits(crl, issuer) &&
              (X509_get_key_usage(issuer) & KU_CRL_SIGN) != 0 && algorithms_agree(der) &&
              ch_alg_signed_verify(der, X509_get0_pubkey(issuer));

    ch_arena_free(a);
    return ok;
}

static int64_t read_number(const X509_CRL *crl, int nid)
{
    int found;
    int64_t value = -1;
    ASN1_INTEGER *n = X509_CRL_get_ext_d2i(crl, nid, &found, NULL);

    if (n == NULL)
        return found == -1 ? 0 : -1; /* -1: no such extension; otherwise it is repeated or malformed */
    if (ASN1_INTEGER_get_int64(&value, n) != 1 || value < 0)
        value = -1;
    ASN1_INTEGER_free(n);
    return value;
}

int64_t ch_crl_number(const X509_CRL *crl)
{
    return read_number(crl, NID_crl_number);
}

int64_t ch_crl_base(const X509_CRL *crl)
{
    return read_number(crl, NID_delta_crl);
}

static int64_t unix_seconds(const ASN1_TIME *moment)
{
    struct tm tm;
    return moment != NULL && ASN1_TIME_to_tm(moment, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

int64_t ch_crl_start(const X509_CRL *crl)
{
    return unix_seconds(X509_CRL_get0_lastUpdate(crl));
}

int64_t ch_crl_end(const X509_CRL *crl)
{
    return unix_seconds(X509_CRL_get0_nextUpdate(crl));
}

bool ch_crl_find(X509_CRL *crl, const char *serial, struct ch_crl_entry *out)
{
    ASN1_INTEGER *wanted = ch_cert_serial_read(serial);
    X509_REVOKED *r = NULL;
    bool found = wanted != NULL && X509_CRL_get0_by_serial(crl, &r, wanted) != 0; /* 2 for the reason "remove" */

    ASN1_INTEGER_free(wanted);
    if (!found)
        return false;
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);
    ASN1_GENERALIZEDTIME *since = X509_REVOKED_get_ext_d2i(r, NID_invalidity_date, NULL, NULL);
    const char *word = reason != NULL ? ch_crl_reason_word((int)ASN1_ENUMERATED_get(reason)) : NULL;
    *out = (struct ch_crl_entry){
        .serial = serial,
        .revoked_at = unix_seconds(X509_REVOKED_get0_revocationDate(r)),
        .reason = word != NULL ? word : "unspecified",
        .invalid_since = unix_seconds(since),
    };
    ASN1_ENUMERATED_free(reason);
    ASN1_GENERALIZEDTIME_free(since);
    return true;
}
