/* SPDX-License-Identifier: Apache-2.0
 * Reads signed data. A structure that cannot be parsed is refused as a whole; what parses but is wrong is reported by
 * ch_cms_check. */
#include "core/pki/cms.h"

#include "core/base/codec.h"
#include "core/crypto/digest.h"
#include "core/pki/ber.h"
#include "core/pki/der.h"

#include <openssl/x509v3.h>
#include <string.h>

#define SET 0x31
#define KEY_ID 0x80 /* subjectKeyIdentifier of a SignerInfo: [0], primitive */
#define ATTRIBUTES_MAX 32
#define OTHERS_MAX 64 /* elements in the set of certificates, whatever their kind */

#define OID(text) CH_LIT(text)
#define PKCS9 "\x2a\x86\x48\x86\xf7\x0d\x01\x09"

/* signedData: RFC 5652, and GM/T 0010. */
static const struct ch_bytes signed_data[] = {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
                                              OID("\x2a\x81\x1c\xcf\x55\x06\x01\x04\x02\x02")};
static const struct ch_bytes sha256 = OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01");
static const struct ch_bytes sm3 = OID("\x2a\x81\x1c\xcf\x55\x01\x83\x11");

static void free_cert(void *cert)
{
    X509_free(cert);
}

/* ---- signed attributes: each may occur once, with one value ---- */

struct attributes {
    struct ch_cms_signer *signer;
    struct ch_bytes type; /* of the content; contentType must name it */
    bool seen_type, seen_digest, seen_time, seen_meant;
};

typedef bool take_attribute(struct attributes *all, struct ch_der *value);

static bool first_time(bool *seen)
{
    bool before = *seen;

    *seen = true;
    return !before;
}

static bool take_type(struct attributes *all, struct ch_der *value)
{
    return first_time(&all->seen_type) && ch_same(ch_der_take(value, CH_DER_OID), all->type);
}

static bool take_digest(struct attributes *all, struct ch_der *value)
{
    all->signer->digest = ch_der_take(value, CH_DER_OCTETS);
    return first_time(&all->seen_digest);
}

static bool take_time(struct attributes *all, struct ch_der *value)
{
    int tag = ch_der_peek(value);

    all->signer->time = ch_der_time(value, tag == CH_DER_TIME ? CH_DER_TIME : CH_DER_UTC_TIME);
    return first_time(&all->seen_time);
}

/* SigningCertificateV2 (RFC 5035): the first entry of its list names the signer's certificate. Issuer and serial number, which
 * may follow the hash, are not read, as the hash already identifies the certificate. */
static bool take_named_cert(struct attributes *all, struct ch_der *value)
{
    struct ch_der v2 = ch_der_enter(value, CH_DER_SEQUENCE), list = ch_der_enter(&v2, CH_DER_SEQUENCE);
    struct ch_der first = ch_der_enter(&list, CH_DER_SEQUENCE);
    struct ch_bytes algorithm = sha256;

    if (ch_der_peek(&first) == CH_DER_SEQUENCE) {
        struct ch_der named = ch_der_enter(&first, CH_DER_SEQUENCE);
        algorithm = ch_der_take(&named, CH_DER_OID);
    }
    all->signer->meant = ch_der_take(&first, CH_DER_OCTETS);
    all->signer->meant_sm3 = ch_same(algorithm, sm3);
    return first_time(&all->seen_meant) && !first.bad && (all->signer->meant_sm3 || ch_same(algorithm, sha256));
}

static const struct {
    struct ch_bytes oid;
    take_attribute *take;
} known_attributes[] = {
    {OID(PKCS9 "\x03"), take_type},
    {OID(PKCS9 "\x04"), take_digest},
    {OID(PKCS9 "\x05"), take_time},
    {OID(PKCS9 "\x10\x02\x2f"), take_named_cert},
};

/* Attribute ::= SEQUENCE { OID, SET OF value }. Unknown attributes are covered by the signature and otherwise ignored. */
static bool read_attribute(struct attributes *all, struct ch_der *list)
{
    struct ch_der attribute = ch_der_enter(list, CH_DER_SEQUENCE);
    struct ch_bytes oid = ch_der_take(&attribute, CH_DER_OID);
    struct ch_der value = ch_der_enter(&attribute, SET);

    for (size_t i = 0; i < CH_COUNT(known_attributes); i++)
        if (ch_same(oid, known_attributes[i].oid))
            return known_attributes[i].take(all, &value) && ch_der_done(&value) && ch_der_done(&attribute);
    return ch_der_done(&attribute);
}

static bool read_attributes(struct ch_cms_signer *s, struct ch_bytes type)
{
    struct attributes all = {.signer = s, .type = type};
    struct ch_der set = ch_der_open(s->signed_attributes), list = ch_der_enter(&set, SET);

    for (size_t n = 0; ch_der_peek(&list) != 0; n++)
        if (n == ATTRIBUTES_MAX || !read_attribute(&all, &list))
            return false;
    return ch_der_done(&list) && all.seen_type && all.seen_digest;
}

/* ---- the rest of a SignerInfo ---- */

static bool names_cert(struct ch_bytes issuer, struct ch_bytes serial, struct ch_bytes key_id, X509 *cert)
{
    unsigned char *der = NULL;
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(cert);

    if (key_id.n > 0)
        return id != NULL && ch_same(key_id, CH_BYTES(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id)));
    int n = i2d_X509_NAME(X509_get_issuer_name(cert), &der);
    bool same = n > 0 && ch_same(issuer, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    der = NULL;
    n = same ? i2d_ASN1_INTEGER(X509_get0_serialNumber(cert), &der) : 0;
    same = n > 0 && ch_same(serial, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    return same;
}

/* Finds the certificate that a SignerInfo names by issuer and serial number or by key id. */
static X509 *read_signer_cert(struct ch_der *d, const struct ch_cms *cms)
{
    struct ch_bytes issuer = {0}, serial = {0}, key_id = {0};

    if (ch_der_peek(d) == KEY_ID) {
        key_id = ch_der_take(d, KEY_ID);
    } else {
        struct ch_der name = ch_der_enter(d, CH_DER_SEQUENCE);
        issuer = ch_der_whole(&name, CH_DER_SEQUENCE);
        serial = ch_der_whole(&name, CH_DER_INTEGER);
        ch_der_leave(d, &name);
    }
    for (size_t i = 0; i < cms->n_certs && !d->bad; i++)
        if (names_cert(issuer, serial, key_id, cms->certs[i]))
            return cms->certs[i];
    return NULL;
}

/* The OBJECT IDENTIFIER of an AlgorithmIdentifier. */
static struct ch_bytes take_algorithm(struct ch_der *d)
{
    struct ch_der inside = ch_der_enter(d, CH_DER_SEQUENCE);
    struct ch_bytes oid = ch_der_take(&inside, CH_DER_OID);

    d->bad = d->bad || inside.bad;
    return oid;
}

static bool read_signer(struct ch_arena *a, struct ch_der *list, struct ch_cms *cms)
{
    struct ch_cms_signer *s = &cms->signers[cms->n_signers];
    struct ch_der d = ch_der_enter(list, CH_DER_SEQUENCE);

    ch_der_int(&d);
    s->cert = read_signer_cert(&d, cms);
    s->digest_algorithm = take_algorithm(&d);
    if (ch_der_peek(&d) == CH_DER_CONTEXT(0)) {
        /* The signature covers the attributes with the tag SET, while the file has them under [0] (RFC 5652, 5.4). */
        s->signed_attributes = ch_bytes_dup(a, ch_der_whole(&d, CH_DER_CONTEXT(0)));
        ((unsigned char *)(uintptr_t)s->signed_attributes.p)[0] = SET;
    }
    s->algorithm = take_algorithm(&d);
    s->signature = ch_der_take(&d, CH_DER_OCTETS);
    if (ch_der_peek(&d) == CH_DER_CONTEXT(1))
        ch_der_take(&d, CH_DER_CONTEXT(1)); /* unsigned attributes are not trusted */
    ch_der_leave(list, &d);
    if (s->signed_attributes.p != NULL && !read_attributes(s, cms->type))
        s->attributes = CH_CMS_ATTRIBUTES;
    cms->n_signers++;
    return !list->bad;
}

/* ---- SignedData ---- */

static void read_certs(struct ch_arena *a, struct ch_der *d, struct ch_cms *out)
{
    struct ch_der set = ch_der_enter(d, CH_DER_CONTEXT(0));
    int tag;

    for (size_t n = 0; (tag = ch_der_peek(&set)) != 0 && n < OTHERS_MAX; n++) {
        struct ch_bytes der = ch_der_whole(&set, tag);
        X509 *cert = tag == CH_DER_SEQUENCE && out->n_certs < CH_CMS_CERTS ? ch_cert_read(der) : NULL;
        if (cert == NULL)
            continue; /* of another kind, or unreadable: a signer that needs it is reported as CH_CMS_NO_CERT */
        ch_defer(a, free_cert, cert);
        out->certs[out->n_certs++] = cert;
    }
    ch_der_leave(d, &set);
}

/* EncapsulatedContentInfo ::= SEQUENCE { OID, [0] EXPLICIT OCTET STRING OPTIONAL } */
static void read_content(struct ch_der *d, struct ch_cms *out)
{
    struct ch_der info = ch_der_enter(d, CH_DER_SEQUENCE);

    out->type = ch_der_take(&info, CH_DER_OID);
    out->attached = ch_der_peek(&info) == CH_DER_CONTEXT(0);
    if (out->attached) {
        struct ch_der box = ch_der_enter(&info, CH_DER_CONTEXT(0));
        out->content = ch_der_take(&box, CH_DER_OCTETS);
        ch_der_leave(&info, &box);
    }
    ch_der_leave(d, &info);
}

static bool read_signed_data(struct ch_arena *a, struct ch_der *box, struct ch_cms *out)
{
    struct ch_der d = ch_der_enter(box, CH_DER_SEQUENCE);

    ch_der_int(&d);
    ch_der_take(&d, SET); /* digest algorithms: each signer repeats its own */
    read_content(&d, out);
    if (ch_der_peek(&d) == CH_DER_CONTEXT(0))
        read_certs(a, &d, out);
    if (ch_der_peek(&d) == CH_DER_CONTEXT(1))
        ch_der_take(&d, CH_DER_CONTEXT(1)); /* included revocation lists are not trusted */
    struct ch_der signers = ch_der_enter(&d, SET);
    while (ch_der_peek(&signers) != 0)
        if (out->n_signers == CH_CMS_SIGNERS || !read_signer(a, &signers, out))
            return false;
    ch_der_leave(&d, &signers);
    return ch_der_done(&d) && out->n_signers > 0;
}

bool ch_cms_take(struct ch_arena *a, struct ch_bytes *in, struct ch_cms *out)
{
    struct ch_bytes der;

    *out = (struct ch_cms){0};
    if (!ch_ber_definite(a, in, &der))
        return false;
    struct ch_der d = ch_der_open(der), info = ch_der_enter(&d, CH_DER_SEQUENCE);
    struct ch_bytes type = ch_der_take(&info, CH_DER_OID);
    if (!ch_same(type, signed_data[0]) && !ch_same(type, signed_data[1]))
        return false;
    struct ch_der box = ch_der_enter(&info, CH_DER_CONTEXT(0));
    return read_signed_data(a, &box, out) && ch_der_done(&box) && ch_der_done(&info);
}

/* The base64 of a PEM file or of plain base64, without white space and without the lines that begin with a dash. */
static const char *base64_of(struct ch_arena *a, struct ch_bytes file)
{
    char *text = ch_alloc(a, file.n + 1);
    size_t n = 0;
    bool dashes = false;

    for (size_t i = 0; i < file.n; i++) {
        char c = (char)file.p[i];
        if (c == '-' && (i == 0 || file.p[i - 1] == '\n' || file.p[i - 1] == '\r'))
            dashes = true;
        else if (c == '\n' || c == '\r')
            dashes = false;
        if (!dashes && strchr(" \t\r\n", c) == NULL)
            text[n++] = c;
    }
    return text;
}

bool ch_cms_read(struct ch_arena *a, struct ch_bytes file, struct ch_cms *out)
{
    *out = (struct ch_cms){0};
    if (file.n == 0)
        return false;
    if (file.p[0] == CH_DER_SEQUENCE)
        return ch_cms_take(a, &file, out) && file.n == 0;
    return ch_unbase64(a, base64_of(a, file), &file) && file.n > 0 && ch_cms_take(a, &file, out) && file.n == 0;
}
