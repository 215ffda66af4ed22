/* SPDX-License-Identifier: Apache-2.0
 * Reads OCSP requests and makes responses. */
#include "core/pki/ocsp.h"

#include "core/crypto/digest.h"
#include "core/pki/certificate.h"
#include "core/pki/crl.h"
#include "core/pki/der.h"

#include <stdlib.h>

#define ENUMERATED 0x0a
#define GOOD 0x80    /* [0] IMPLICIT NULL */
#define REVOKED 0xa1 /* [1] IMPLICIT SEQUENCE */
#define SERIAL_BYTES_MAX 20
#define EXTENSIONS_MAX 16

static const struct ch_bytes nothing = {(const unsigned char *)"", 0}; /* for parts that are left out */

/* The digests of ids. Clients write their AlgorithmIdentifiers with NULL parameters. */
static const struct hash {
    const char *name;
    size_t bytes;
    struct ch_bytes oid; /* without its header */
} hashes[CH_OCSP__HASHES] = {
    [CH_OCSP_SHA1] = {"SHA1", 20, CH_LIT("\x2b\x0e\x03\x02\x1a")},
    [CH_OCSP_SHA256] = {"SHA256", 32, CH_LIT("\x60\x86\x48\x01\x65\x03\x04\x02\x01")},
    [CH_OCSP_SM3] = {"SM3", 32, CH_LIT("\x2a\x81\x1c\xcf\x55\x01\x83\x11")},
};
static const struct ch_bytes basic_oid = CH_LIT("\x2b\x06\x01\x05\x05\x07\x30\x01\x01"); /* id-pkix-ocsp-basic */

/* ---- requests ---- */

/* Whether one of the extensions is critical, and so must be understood: none is understood here. */
static bool any_critical(struct ch_der *extensions)
{
    struct ch_der list = ch_der_enter(extensions, CH_DER_SEQUENCE);
    bool critical = false;

    for (int i = 0; i < EXTENSIONS_MAX && ch_der_peek(&list) != 0; i++) {
        struct ch_der one = ch_der_enter(&list, CH_DER_SEQUENCE);
        ch_der_take(&one, CH_DER_OID);
        if (ch_der_peek(&one) == CH_DER_BOOLEAN)
            critical = !ch_same(ch_der_take(&one, CH_DER_BOOLEAN), CH_LIT("\0")) || critical;
        ch_der_take(&one, CH_DER_OCTETS);
        ch_der_leave(&list, &one);
    }
    ch_der_leave(extensions, &list);
    return critical;
}

/* Skips an optional list of extensions under a context tag; a critical one makes `d` bad. */
static void skip_extensions(struct ch_der *d, int tag)
{
    if (ch_der_peek(d) != tag)
        return;
    struct ch_der inner = ch_der_enter(d, tag);
    bool critical = any_critical(&inner);

    ch_der_leave(d, &inner);
    d->bad = d->bad || critical;
}

static void skip_optional(struct ch_der *d, int tag)
{
    if (ch_der_peek(d) == tag)
        ch_der_take(d, tag);
}

/* The digest of an AlgorithmIdentifier; CH_OCSP__HASHES when it is unknown. */
static enum ch_ocsp_hash take_hash(struct ch_der *d)
{
    struct ch_der alg = ch_der_enter(d, CH_DER_SEQUENCE);
    struct ch_bytes oid = ch_der_take(&alg, CH_DER_OID);
    enum ch_ocsp_hash hash = 0;

    while (hash < CH_OCSP__HASHES && !ch_same(oid, hashes[hash].oid))
        hash++;
    if (alg.bad) /* parameters are ignored */
        d->bad = true;
    return hash;
}

/* NULL when no certificate can have the serial number; malformed DER makes `d` bad. */
static const char *take_serial(struct ch_arena *a, struct ch_der *d)
{
    struct ch_bytes whole = ch_der_whole(d, CH_DER_INTEGER);
    const unsigned char *p = whole.p;
    const char *text = NULL;

    if (d->bad || whole.n < 3 || whole.n > SERIAL_BYTES_MAX + 3 || (p[2] & 0x80) != 0)
        return NULL;
    ASN1_INTEGER *serial = d2i_ASN1_INTEGER(NULL, &p, (long)whole.n);
    if (serial != NULL)
        text = ch_cert_serial_text(a, serial);
    else
        d->bad = true; /* not in its shortest form */
    ASN1_INTEGER_free(serial);
    return text;
}

/* requestList, which must have exactly one Request with one CertID. */
static void take_request(struct ch_arena *a, struct ch_der *d, struct ch_ocsp_id *out)
{
    struct ch_der list = ch_der_enter(d, CH_DER_SEQUENCE), one = ch_der_enter(&list, CH_DER_SEQUENCE);
    struct ch_der id = ch_der_enter(&one, CH_DER_SEQUENCE);

    out->hash = take_hash(&id);
    out->name_hash = ch_der_take(&id, CH_DER_OCTETS);
    out->key_hash = ch_der_take(&id, CH_DER_OCTETS);
    out->serial = take_serial(a, &id);
    ch_der_leave(&one, &id);
    skip_extensions(&one, CH_DER_CONTEXT(0));
    ch_der_leave(&list, &one);
    ch_der_leave(d, &list);
}

/* TBSRequest */
static void take_tbs(struct ch_arena *a, struct ch_der *d, struct ch_ocsp_id *out)
{
    struct ch_der tbs = ch_der_enter(d, CH_DER_SEQUENCE);

    if (ch_der_peek(&tbs) == CH_DER_CONTEXT(0)) {
        struct ch_der version = ch_der_enter(&tbs, CH_DER_CONTEXT(0));
        if (ch_der_int(&version) != 0)
            version.bad = true;
        ch_der_leave(&tbs, &version);
    }
    skip_optional(&tbs, CH_DER_CONTEXT(1)); /* requestorName */
    take_request(a, &tbs, out);
    skip_extensions(&tbs, CH_DER_CONTEXT(2));
    ch_der_leave(d, &tbs);
}

enum ch_ocsp_result ch_ocsp_request(struct ch_arena *a, struct ch_bytes der, struct ch_ocsp_id *out)
{
    struct ch_der d = ch_der_open(der), request = ch_der_enter(&d, CH_DER_SEQUENCE);
    struct ch_ocsp_id id = {0};

    if (der.n > CH_OCSP_REQUEST_MAX)
        return CH_OCSP_MALFORMED;
    take_tbs(a, &request, &id);
    skip_optional(&request, CH_DER_CONTEXT(0)); /* optionalSignature */
    ch_der_leave(&d, &request);
    if (!ch_der_done(&d))
        return CH_OCSP_MALFORMED;
    if (id.hash == CH_OCSP__HASHES || id.serial == NULL)
        return CH_OCSP_UNAUTHORIZED;
    *out = id;
    return CH_OCSP_SUCCESSFUL;
}

/* ---- ids ---- */

void ch_ocsp_issuer(X509 *issuer, struct ch_ocsp_issuer *out)
{
    *out = (struct ch_ocsp_issuer){0};
    for (size_t i = 0; i < CH_OCSP__HASHES; i++) {
        const EVP_MD *md = EVP_get_digestbyname(hashes[i].name);
        if (X509_NAME_digest(X509_get_subject_name(issuer), md, out->name[i], NULL) != 1 ||
            X509_pubkey_digest(issuer, md, out->key[i], NULL) != 1)
            abort(); /* only when memory runs out */
    }
}

bool ch_ocsp_is_of(const struct ch_ocsp_id *id, const struct ch_ocsp_issuer *issuer)
{
    size_t n = hashes[id->hash].bytes;

    return ch_same(id->name_hash, CH_BYTES(issuer->name[id->hash], n)) &&
           ch_same(id->key_hash, CH_BYTES(issuer->key[id->hash], n));
}

/* CertID; n = 0 for a malformed serial number. */
static struct ch_bytes put_id(struct ch_arena *a, const struct ch_ocsp_issuer *issuer, const char *serial,
                              enum ch_ocsp_hash hash)
{
    ASN1_INTEGER *number = ch_cert_serial_read(serial);
    const struct hash *h = &hashes[hash];

    if (number == NULL)
        return nothing;
    struct ch_bytes der = ch_asn1_der(a, number, ASN1_ITEM_rptr(ASN1_INTEGER));
    ASN1_INTEGER_free(number);
    struct ch_bytes alg = CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put(a, CH_DER_OID, h->oid), CH_LIT("\x05\x00"));
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, alg, ch_der_put(a, CH_DER_OCTETS, CH_BYTES(issuer->name[hash], h->bytes)),
                       ch_der_put(a, CH_DER_OCTETS, CH_BYTES(issuer->key[hash], h->bytes)), der);
}

bool ch_ocsp_ask(struct ch_arena *a, X509 *issuer, const char *serial, enum ch_ocsp_hash hash, struct ch_bytes *der)
{
    struct ch_ocsp_issuer of;

    ch_ocsp_issuer(issuer, &of);
    struct ch_bytes id = put_id(a, &of, serial, hash);
    *der = id;
    for (int depth = 0; depth < 4; depth++) /* Request, requestList, TBSRequest, OCSPRequest */
        *der = ch_der_put(a, CH_DER_SEQUENCE, *der);
    return id.n > 0;
}

/* ---- responses ---- */

struct ch_bytes ch_ocsp_error(enum ch_ocsp_result result)
{
    static const unsigned char bytes[][5] = {
        [CH_OCSP_MALFORMED] = {0x30, 3, ENUMERATED, 1, CH_OCSP_MALFORMED},
        [CH_OCSP_INTERNAL] = {0x30, 3, ENUMERATED, 1, CH_OCSP_INTERNAL},
        [CH_OCSP_TRY_LATER] = {0x30, 3, ENUMERATED, 1, CH_OCSP_TRY_LATER},
        [CH_OCSP_UNAUTHORIZED] = {0x30, 3, ENUMERATED, 1, CH_OCSP_UNAUTHORIZED},
    };
    return CH_BYTES(bytes[result], sizeof bytes[result]);
}

/* CertStatus; n = 0 for an unknown reason. */
static struct ch_bytes put_status(struct ch_arena *a, const struct ch_ocsp_plan *plan)
{
    if (plan->reason == NULL)
        return ch_der_put(a, GOOD, nothing);
    int code = ch_crl_reason_code(plan->reason);
    unsigned char byte = (unsigned char)code;
    struct ch_bytes reason = nothing;
    if (code < 0)
        return nothing;
    if (code > 0) /* for "unspecified" the reason is left out */
        reason = ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put(a, ENUMERATED, CH_BYTES(&byte, 1)));
    return CH_DER_JOIN(a, REVOKED, ch_der_put_time(a, plan->revoked_at), reason);
}

bool ch_ocsp_fix(struct ch_arena *a, const struct ch_ocsp_plan *plan, X509 *responder, struct ch_bytes *tbs)
{
    struct ch_bytes single[CH_OCSP__HASHES], status = put_status(a, plan);
    struct ch_bytes from = ch_der_put_time(a, plan->this_update);
    struct ch_bytes until = ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put_time(a, plan->next_update));
    unsigned char key[20]; /* KeyHash is always SHA-1 */

    if (status.n == 0 || X509_pubkey_digest(responder, EVP_sha1(), key, NULL) != 1)
        return false;
    for (size_t i = 0; i < CH_OCSP__HASHES; i++) {
        struct ch_bytes id = put_id(a, plan->issuer, plan->serial, i);
        if (id.n == 0)
            return false;
        single[i] = CH_DER_JOIN(a, CH_DER_SEQUENCE, id, status, from, until);
    }
    *tbs = CH_DER_JOIN(a, CH_DER_SEQUENCE,
                       ch_der_put(a, CH_DER_CONTEXT(2), ch_der_put(a, CH_DER_OCTETS, CH_BYTES(key, sizeof key))),
                       ch_der_put_time(a, plan->produced_at), ch_der_wrap(a, CH_DER_SEQUENCE, single, CH_OCSP__HASHES));
    return true;
}

bool ch_ocsp_sign(struct ch_arena *a, struct ch_bytes tbs, X509 *responder, EVP_PKEY *key, struct ch_bytes *der)
{
    struct ch_bytes certs = ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put(a, CH_DER_SEQUENCE, ch_cert_der(a, responder))),
                    basic;

    if (!ch_alg_signed_make(a, tbs, key, certs, &basic))
        return false;
    struct ch_bytes body =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put(a, CH_DER_OID, basic_oid), ch_der_put(a, CH_DER_OCTETS, basic));
    *der = CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put(a, ENUMERATED, CH_LIT("\0")), ch_der_put(a, CH_DER_CONTEXT(0), body));
    return true;
}
