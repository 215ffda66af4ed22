/* SPDX-License-Identifier: Apache-2.0
 * Certificates and signed data for the tests of core/pki, with whatever is to be wrong with them. */
#ifndef TESTS_UNIT_PKI_MAKE_H
#define TESTS_UNIT_PKI_MAKE_H

#include "core/pki/certificate.h"
#include "core/pki/der.h"

#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* A moment in the middle of every certificate's life here, unless it says otherwise. */
#define NOON 1780000000
#define DAY 86400

struct pair {
    X509 *cert;
    EVP_PKEY *key;
};

struct wish {
    const char *algorithm; /* NULL: sm2 */
    const char *name;      /* CN */
    bool ca;
    int below;                     /* pathlen; -1: none */
    const char *usage;             /* keyUsage; NULL: none */
    const char *extension, *value; /* one more, "nameConstraints" … */
    int64_t start, end;            /* 0: a year around NOON */
    bool wrong_key;                /* signed by another key than the issuer's */
    const char *issuer_name;       /* instead of the issuer's */
};

static inline void must(bool good)
{
    if (!good)
        abort();
}

static inline void put_name(X509_NAME *name, const char *cn)
{
    must(X509_NAME_add_entry_by_txt(name, "C", MBSTRING_UTF8, (const unsigned char *)"CN", -1, -1, 0) == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0) == 1);
}

static inline void put_extension(X509 *cert, X509 *issuer, const char *name, const char *value)
{
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_nconf(NULL, &ctx, name, value);
    must(e != NULL && X509_add_ext(cert, e, -1) == 1);
    X509_EXTENSION_free(e);
}

static inline void put_constraints(X509 *cert, X509 *issuer, const struct wish *w)
{
    char text[64];

    if (w->below >= 0)
        snprintf(text, sizeof text, "critical,CA:TRUE,pathlen:%d", w->below);
    else
        strcpy(text, "critical,CA:TRUE");
    if (w->ca)
        put_extension(cert, issuer, "basicConstraints", text);
    put_extension(cert, issuer, "subjectKeyIdentifier", "hash");
    if (issuer != cert)
        put_extension(cert, issuer, "authorityKeyIdentifier", "keyid");
    if (w->usage != NULL)
        put_extension(cert, issuer, "keyUsage", w->usage);
    if (w->extension != NULL)
        put_extension(cert, issuer, w->extension, w->value);
}

/* `by` NULL: self-signed. */
static inline struct pair make_cert(const struct pair *by, struct wish w)
{
    static long serial = 0x1122334455667700;
    struct pair p = {X509_new(), ch_alg_key(w.algorithm != NULL ? w.algorithm : "sm2")};
    EVP_PKEY *signer = by != NULL ? by->key : p.key, *other = ch_alg_key("sm2");
    unsigned char tbs[CH_SM3_BYTES];

    must(p.cert != NULL && p.key != NULL && X509_set_version(p.cert, 2) == 1);
    must(ASN1_INTEGER_set_int64(X509_get_serialNumber(p.cert), ++serial) == 1);
    put_name(X509_get_subject_name(p.cert), w.name);
    if (w.issuer_name != NULL || by == NULL)
        put_name(X509_get_issuer_name(p.cert), w.issuer_name != NULL ? w.issuer_name : w.name);
    else
        must(X509_set_issuer_name(p.cert, X509_get_subject_name(by->cert)) == 1);
    must(X509_time_adj_ex(X509_getm_notBefore(p.cert), 0, 0, &(time_t){w.start != 0 ? w.start : NOON - 180 * DAY}) != NULL);
    must(X509_time_adj_ex(X509_getm_notAfter(p.cert), 0, 0, &(time_t){w.end != 0 ? w.end : NOON + 180 * DAY}) != NULL);
    must(X509_set_pubkey(p.cert, p.key) == 1);
    put_constraints(p.cert, by != NULL ? by->cert : p.cert, &w);
    if (w.wrong_key)
        signer = other;
    must(ch_cert_fix(p.cert, signer, tbs) && ch_cert_sign(p.cert, signer, tbs));
    EVP_PKEY_free(other);
    return p;
}

static inline void free_pair(struct pair *p)
{
    X509_free(p->cert);
    EVP_PKEY_free(p->key);
}

/* ---- CMS ---- */

#define SET 0x31
#define OID_DATA CH_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
#define OID_SIGNED CH_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
#define OID_GM_DATA CH_LIT("\x2a\x81\x1c\xcf\x55\x06\x01\x04\x02\x01")
#define OID_GM_SIGNED CH_LIT("\x2a\x81\x1c\xcf\x55\x06\x01\x04\x02\x02")
#define OID_SM3 CH_LIT("\x2a\x81\x1c\xcf\x55\x01\x83\x11")
#define OID_SHA256 CH_LIT("\x60\x86\x48\x01\x65\x03\x04\x02\x01")
#define OID_SM2_SM3 CH_LIT("\x2a\x81\x1c\xcf\x55\x01\x83\x75")
#define OID_SM2_SIGN CH_LIT("\x2a\x81\x1c\xcf\x55\x01\x82\x2d\x01")
#define OID_RSA CH_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")
#define OID_ECDSA_SHA256 CH_LIT("\x2a\x86\x48\xce\x3d\x04\x03\x02")
#define OID_CONTENT_TYPE CH_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03")
#define OID_DIGEST CH_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04")
#define OID_TIME CH_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05")
#define OID_CERTIFICATE_V2 CH_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f")

struct cms_wish {
    struct ch_bytes content;
    bool attached, gm, bare /* no signed attributes */, no_cert, no_digest, digest_twice, other_type, meant, meant_other;
    int64_t time;   /* 0: none */
    const char *id; /* SM2 id; NULL: the right one */
    const struct pair *signers[3];
    X509 *more; /* sent along as well */
};

static inline struct ch_bytes der_oid(struct ch_arena *a, struct ch_bytes oid)
{
    return ch_der_put(a, CH_DER_OID, oid);
}

static inline struct ch_bytes algorithm(struct ch_arena *a, struct ch_bytes oid)
{
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, der_oid(a, oid));
}

static inline struct ch_bytes attribute(struct ch_arena *a, struct ch_bytes oid, struct ch_bytes value)
{
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, der_oid(a, oid), ch_der_put(a, SET, value));
}

static inline bool is_sm2(const EVP_PKEY *key)
{
    return strcmp(ch_alg_of(key), "sm2") == 0;
}

static inline struct ch_bytes hash_of(struct ch_arena *a, const EVP_PKEY *key, struct ch_bytes content)
{
    unsigned char out[CH_SHA256_BYTES];

    (is_sm2(key) ? ch_sm3 : ch_sha256)(content, out);
    return ch_bytes_dup(a, CH_BYTES(out, sizeof out));
}

static inline struct ch_bytes meant_certificate(struct ch_arena *a, X509 *cert, bool other)
{
    unsigned char hash[CH_SHA256_BYTES];

    ch_sha256(ch_cert_der(a, cert), hash);
    hash[0] ^= other;
    struct ch_bytes id = CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put(a, CH_DER_OCTETS, CH_BYTES(hash, sizeof hash)));
    return ch_der_put(a, CH_DER_SEQUENCE, ch_der_put(a, CH_DER_SEQUENCE, id));
}

/* DER has the elements of a set in the order of their bytes. */
static inline int by_bytes(const void *x, const void *y)
{
    const struct ch_bytes *left = x, *right = y;
    return memcmp(left->p, right->p, left->n < right->n ? left->n : right->n);
}

static inline struct ch_bytes attributes(struct ch_arena *a, const struct cms_wish *w, const struct pair *by)
{
    struct ch_bytes parts[6], hash = ch_der_put(a, CH_DER_OCTETS, hash_of(a, by->key, w->content));
    struct ch_bytes type = w->other_type ? OID_SIGNED : w->gm ? OID_GM_DATA : OID_DATA;
    size_t n = 0;

    parts[n++] = attribute(a, OID_CONTENT_TYPE, der_oid(a, type));
    if (!w->no_digest)
        parts[n++] = attribute(a, OID_DIGEST, hash);
    if (w->digest_twice)
        parts[n++] = attribute(a, OID_DIGEST, hash);
    if (w->time != 0)
        parts[n++] = attribute(a, OID_TIME, ch_der_put_time(a, w->time));
    if (w->meant || w->meant_other)
        parts[n++] = attribute(a, OID_CERTIFICATE_V2, meant_certificate(a, by->cert, w->meant_other));
    qsort(parts, n, sizeof *parts, by_bytes);
    return ch_der_wrap(a, SET, parts, n);
}

static inline struct ch_bytes signer_name(struct ch_arena *a, X509 *cert)
{
    unsigned char *name = NULL, *serial = NULL;
    int n = i2d_X509_NAME(X509_get_issuer_name(cert), &name), m = i2d_ASN1_INTEGER(X509_get0_serialNumber(cert), &serial);

    must(n > 0 && m > 0);
    struct ch_bytes out = CH_DER_JOIN(a, CH_DER_SEQUENCE, CH_BYTES(name, (size_t)n), CH_BYTES(serial, (size_t)m));
    OPENSSL_free(name);
    OPENSSL_free(serial);
    return out;
}

static inline struct ch_bytes signer_info(struct ch_arena *a, const struct cms_wish *w, const struct pair *by)
{
    bool sm2 = is_sm2(by->key), rsa = strcmp(ch_alg_of(by->key), "rsa") == 0;
    struct ch_bytes set = attributes(a, w, by), sig, implicit = ch_bytes_dup(a, set);
    struct ch_bytes named = sm2 ? (w->gm ? OID_SM2_SIGN : OID_SM2_SM3) : rsa ? OID_RSA : OID_ECDSA_SHA256;

    must(ch_sign(a, by->key, w->id, w->bare ? w->content : set, &sig));
    ((unsigned char *)(uintptr_t)implicit.p)[0] = CH_DER_CONTEXT(0);
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_int(a, 1), signer_name(a, by->cert),
                       algorithm(a, sm2 ? OID_SM3 : OID_SHA256), w->bare ? CH_BYTES("", 0) : implicit,
                       algorithm(a, named), ch_der_put(a, CH_DER_OCTETS, sig));
}

static inline struct ch_bytes make_cms(struct ch_arena *a, struct cms_wish w)
{
    struct ch_bytes certs[4], infos[3], type = der_oid(a, w.gm ? OID_GM_DATA : OID_DATA), none = CH_BYTES("", 0);
    size_t n = 0, m = 0;

    for (size_t i = 0; i < CH_COUNT(w.signers) && w.signers[i] != NULL; i++) {
        infos[m++] = signer_info(a, &w, w.signers[i]);
        if (!w.no_cert)
            certs[n++] = ch_cert_der(a, w.signers[i]->cert);
    }
    if (w.more != NULL)
        certs[n++] = ch_cert_der(a, w.more);
    struct ch_bytes box = ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put(a, CH_DER_OCTETS, w.content));
    struct ch_bytes data =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_int(a, 1), CH_DER_JOIN(a, SET, algorithm(a, OID_SM3)),
                    CH_DER_JOIN(a, CH_DER_SEQUENCE, type, w.attached ? box : none),
                    n > 0 ? ch_der_wrap(a, CH_DER_CONTEXT(0), certs, n) : none, ch_der_wrap(a, SET, infos, m));
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, der_oid(a, w.gm ? OID_GM_SIGNED : OID_SIGNED),
                       ch_der_put(a, CH_DER_CONTEXT(0), data));
}

#endif
