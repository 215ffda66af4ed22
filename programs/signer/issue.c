/* SPDX-License-Identifier: Apache-2.0
 * Making one certificate: validity, serial number, key pair, signature. */
#include "programs/signer/issue.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"

#include <ctype.h>
#include <openssl/asn1.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void issue_serial(unsigned char serial[CH_SERIAL_BYTES])
{
    static const unsigned char zero[CH_SERIAL_BYTES];

    do
        ch_random(serial, CH_SERIAL_BYTES);
    while (memcmp(serial, zero, CH_SERIAL_BYTES) == 0); /* X.509 requires a positive number */
}

char *issue_serial_text(struct ch_arena *a, const unsigned char serial[CH_SERIAL_BYTES])
{
    char *text = ch_hex(a, CH_BYTES(serial, CH_SERIAL_BYTES));

    for (char *p = text; *p != '\0'; p++)
        *p = (char)toupper((unsigned char)*p);
    return text;
}

bool issue_serial_read(const char *text, unsigned char serial[CH_SERIAL_BYTES])
{
    struct ch_arena *a = ch_arena_new();
    struct ch_bytes b = {NULL, 0};
    bool ok = strlen(text) == 2 * CH_SERIAL_BYTES && ch_unhex(a, text, &b) && b.n == CH_SERIAL_BYTES;

    if (ok)
        memcpy(serial, b.p, CH_SERIAL_BYTES);
    ch_arena_free(a);
    return ok;
}

int64_t issue_end(int64_t start, int years, X509 *issuer)
{
    time_t local = (time_t)(start + CH_BEIJING);
    struct tm tm;

    gmtime_r(&local, &tm);
    tm.tm_year += years; /* if the last year has no 29 February, timegm makes it 1 March */
    return issue_limit((int64_t)timegm(&tm) - CH_BEIJING - 1, issuer);
}

int64_t issue_limit(int64_t end, X509 *issuer)
{
    int64_t limit = issuer != NULL ? ch_cert_end(issuer) : end;
    return end < limit ? end : limit;
}

enum ch_err issue_prepare(const struct hierarchy *h, struct ch_certificate_plan *plan, struct issue *out, struct ch_fault *f)
{
    struct issue i = {.key = plan->key};

    if (i.key == NULL)
        i.key = ch_alg_key(h->algorithm);
    else if (EVP_PKEY_up_ref(i.key) != 1)
        i.key = NULL;
    if (i.key == NULL)
        return ch_fault(f, CH_E_INTERNAL, "key pair: %s", ch_openssl_reason());
    plan->key = i.key;
    plan->issuer = h->ca;
    plan->algorithm = h->algorithm;
    i.cert = ch_profile_build(plan, f);
    if (i.cert != NULL && ch_cert_fix(i.cert, h->ca_key, i.tbs_sm3)) {
        *out = i;
        return CH_OK;
    }
    bool built = i.cert != NULL;
    issue_free(&i);
    /* ch_profile_build has noted what is wrong with the plan. */
    return built || f == NULL ? ch_fault(f, CH_E_INTERNAL, "certificate: %s", ch_openssl_reason()) : f->code;
}

enum ch_err issue_sign(const struct hierarchy *h, struct issue *i, struct ch_fault *f)
{
    if (!ch_cert_sign(i->cert, h->ca_key, i->tbs_sm3))
        return ch_fault(f, CH_E_INTERNAL, "signature: %s", ch_openssl_reason());
    if (!ch_cert_verify(i->cert, h->ca) || X509_check_private_key(i->cert, i->key) != 1)
        return ch_fault(f, CH_E_INTERNAL, "a fresh certificate does not verify: %s", ch_openssl_reason());
    return CH_OK;
}

char *issue_name(struct ch_arena *a, X509 *cert)
{
    const X509_NAME *name = X509_get_subject_name(cert);
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    unsigned char *utf8 = NULL;
    int n = at >= 0 ? ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))) : 0;
    char *text = ch_strndup(a, utf8 != NULL ? utf8 : (const unsigned char *)"", n > 0 ? (size_t)n : 0);

    OPENSSL_free(utf8);
    return text;
}

STACK_OF(X509) *issue_chain(const struct hierarchy *h)
{
    STACK_OF(X509) *chain = sk_X509_new_null();

    if (chain == NULL || sk_X509_push(chain, h->ca) <= 0 || sk_X509_push(chain, h->root) <= 0)
        abort(); /* only when out of memory */
    return chain;
}

void issue_free(struct issue *i)
{
    EVP_PKEY_free(i->key); /* wipes the private half */
    X509_free(i->cert);
    *i = (struct issue){0};
}
