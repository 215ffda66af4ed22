/* SPDX-License-Identifier: Apache-2.0
 * Reads and makes the structures; ses_verify.c checks what they say. */
#include "core/pki/ses.h"

#include "core/crypto/digest.h"
#include "core/pki/certificate.h"
#include "core/pki/der.h"

#include <string.h>

#define CERTIFICATES 1 /* certListType */
#define DIGESTS 2
#define FIRST_VERSION 4 /* in the format of GB/T 38540; lower versions have that of GM/T 0031-2014 */
#define LAST_VERSION 5
#define TEXT_MAX 256 /* bytes of a name or a number */
#define TYPE_MAX 16  /* bytes of a picture's type */

/* ---- reading ---- */

static void read_header(struct ch_der *d, struct ch_arena *a, struct ch_ses *s)
{
    struct ch_der h = ch_der_enter(d, CH_DER_SEQUENCE);
    const char *id = ch_der_text(&h, a, CH_DER_IA5, 2);

    s->version = ch_der_int(&h);
    s->vendor = ch_der_text(&h, a, CH_DER_IA5, TEXT_MAX);
    if (strcmp(id, "ES") != 0 || s->version < 1 || s->version > LAST_VERSION)
        h.bad = true;
    if (s->version < FIRST_VERSION)
        s->version = 1;
    ch_der_leave(d, &h);
}

static void add_cert(struct ch_der *list, struct ch_ses *s, struct ch_bytes cert)
{
    if (s->n_certs == CH_SES_CERTS || cert.n == 0)
        list->bad = true;
    else
        s->certs[s->n_certs++] = cert;
}

/* SEQUENCE OF OCTET STRING, or SEQUENCE OF SEQUENCE { kind of digest, OCTET STRING }: an untagged CHOICE, decided by
 * certListType. */
static void read_certs(struct ch_der *d, struct ch_arena *a, struct ch_ses *s)
{
    struct ch_der list = ch_der_enter(d, CH_DER_SEQUENCE);

    while (!list.bad && list.rest.n > 0) {
        if (s->digests) {
            struct ch_der one = ch_der_enter(&list, CH_DER_SEQUENCE);
            ch_der_text(&one, a, CH_DER_PRINTABLE, TEXT_MAX);
            add_cert(&list, s, ch_der_take(&one, CH_DER_OCTETS));
            ch_der_leave(&list, &one);
        } else {
            add_cert(&list, s, ch_der_take(&list, CH_DER_OCTETS));
        }
    }
    ch_der_leave(d, &list);
}

static void read_property(struct ch_der *d, struct ch_arena *a, struct ch_ses *s)
{
    struct ch_der p = ch_der_enter(d, CH_DER_SEQUENCE);
    int kind = CERTIFICATES, time = s->version == 1 ? CH_DER_UTC_TIME : CH_DER_TIME;

    s->type = ch_der_int(&p);
    s->name = ch_der_text(&p, a, CH_DER_UTF8, TEXT_MAX);
    if (s->version != 1)
        kind = ch_der_int(&p);
    s->digests = kind == DIGESTS;
    if (kind != CERTIFICATES && kind != DIGESTS)
        p.bad = true;
    read_certs(&p, a, s);
    s->created = ch_der_time(&p, time);
    s->start = ch_der_time(&p, time);
    s->end = ch_der_time(&p, time);
    ch_der_leave(d, &p);
}

static void read_picture(struct ch_der *d, struct ch_arena *a, struct ch_ses *s)
{
    struct ch_der p = ch_der_enter(d, CH_DER_SEQUENCE);

    s->picture_type = ch_der_text(&p, a, CH_DER_IA5, TYPE_MAX);
    s->picture = ch_der_take(&p, CH_DER_OCTETS);
    s->width = ch_der_int(&p);
    s->height = ch_der_int(&p);
    if (s->picture.n > CH_SES_PICTURE_MAX)
        p.bad = true;
    ch_der_leave(d, &p);
}

/* Skips ExtensionDatas. They are untagged in version 4, but some makers write [0]; others write the BOOLEAN FALSE that DER
 * leaves out. */
static void read_extensions(struct ch_der *d)
{
    int tag = ch_der_peek(d);

    if (tag != CH_DER_SEQUENCE && tag != CH_DER_CONTEXT(0))
        return;
    struct ch_der list = ch_der_enter(d, tag), probe = list, first = ch_der_enter(&probe, CH_DER_SEQUENCE);
    if (tag == CH_DER_CONTEXT(0) && ch_der_peek(&first) == CH_DER_SEQUENCE) { /* [0] is EXPLICIT: the list has its own header */
        first.bad = first.bad || probe.rest.n != 0;
        list = first;
    }
    while (!list.bad && list.rest.n > 0) {
        struct ch_der one = ch_der_enter(&list, CH_DER_SEQUENCE);
        ch_der_take(&one, CH_DER_OID);
        if (ch_der_peek(&one) == CH_DER_BOOLEAN && ch_der_take(&one, CH_DER_BOOLEAN).n != 1)
            one.bad = true;
        ch_der_take(&one, CH_DER_OCTETS);
        ch_der_leave(&list, &one);
    }
    ch_der_leave(d, &list);
}

static void read_info(struct ch_der *d, struct ch_arena *a, struct ch_ses *s)
{
    struct ch_der before = *d;

    s->info = ch_der_whole(d, CH_DER_SEQUENCE);
    struct ch_der i = ch_der_enter(&before, CH_DER_SEQUENCE);
    read_header(&i, a, s);
    s->id = ch_der_text(&i, a, CH_DER_IA5, TEXT_MAX);
    read_property(&i, a, s);
    read_picture(&i, a, s);
    read_extensions(&i);
    ch_der_leave(d, &i);
}

static struct ch_bytes read_time_stamp(struct ch_der *d)
{
    struct ch_bytes bits = {NULL, 0};

    if (ch_der_peek(d) == CH_DER_CONTEXT(0)) {
        struct ch_der t = ch_der_enter(d, CH_DER_CONTEXT(0));
        bits = ch_der_bits(&t);
        ch_der_leave(d, &t);
    }
    return bits;
}

/* Version 1: the maker signed info, certificate and algorithm in a SEQUENCE of their own. */
static void read_old_signature(struct ch_der *d, struct ch_arena *a, struct ch_ses *s)
{
    struct ch_der sign = ch_der_enter(d, CH_DER_SEQUENCE), again = sign;
    struct ch_bytes cert = ch_der_whole(&again, CH_DER_OCTETS), algorithm = ch_der_whole(&again, CH_DER_OID);

    s->maker = ch_der_take(&sign, CH_DER_OCTETS);
    s->algorithm = ch_der_take(&sign, CH_DER_OID);
    s->signature = ch_der_bits(&sign);
    s->tbs = CH_DER_JOIN(a, CH_DER_SEQUENCE, s->info, cert, algorithm);
    ch_der_leave(d, &sign);
}

static void read_signature(struct ch_der *d, struct ch_ses *s)
{
    s->maker = ch_der_take(d, CH_DER_OCTETS);
    s->algorithm = ch_der_take(d, CH_DER_OID);
    s->signature = ch_der_bits(d);
    s->tbs = s->info;
    if (s->version == LAST_VERSION)
        s->time_stamp = read_time_stamp(d);
}

bool ch_ses_read(struct ch_arena *a, struct ch_bytes der, struct ch_ses *out)
{
    struct ch_ses s = {0};
    struct ch_der d = ch_der_open(der);

    if (der.n > CH_SES_MAX)
        return false;
    struct ch_der seal = ch_der_enter(&d, CH_DER_SEQUENCE);
    read_info(&seal, a, &s);
    if (s.version == 1)
        read_old_signature(&seal, a, &s);
    else
        read_signature(&seal, &s);
    ch_der_leave(&d, &seal);
    *out = s;
    return ch_der_done(&d) && s.n_certs > 0;
}

/* TBS_Sign of GB/T 38540. */
static void read_use_tbs(struct ch_der *d, struct ch_arena *a, struct ch_ses_use *u)
{
    struct ch_der t = ch_der_enter(d, CH_DER_SEQUENCE);

    u->version = ch_der_int(&t);
    u->seal_der = ch_der_whole(&t, CH_DER_SEQUENCE);
    if (u->version >= FIRST_VERSION)
        u->time = ch_der_time(&t, CH_DER_TIME);
    else
        u->time_stamp = ch_der_bits(&t);
    u->hash = ch_der_bits(&t);
    u->property = ch_der_text(&t, a, CH_DER_IA5, TEXT_MAX);
    if (u->version < FIRST_VERSION) {
        u->cert = ch_der_take(&t, CH_DER_OCTETS);
        u->algorithm = ch_der_take(&t, CH_DER_OID);
        u->version = 1;
    }
    read_extensions(&t);
    ch_der_leave(d, &t);
}

bool ch_ses_use_read(struct ch_arena *a, struct ch_bytes der, struct ch_ses_use *out)
{
    struct ch_ses_use u = {0};
    struct ch_der d = ch_der_open(der);

    if (der.n > CH_SES_MAX)
        return false;
    struct ch_der use = ch_der_enter(&d, CH_DER_SEQUENCE), before = use;
    u.tbs = ch_der_whole(&use, CH_DER_SEQUENCE);
    read_use_tbs(&before, a, &u);
    if (before.bad)
        return false;
    if (u.version != 1) {
        u.cert = ch_der_take(&use, CH_DER_OCTETS);
        u.algorithm = ch_der_take(&use, CH_DER_OID);
    }
    u.signature = ch_der_bits(&use);
    if (u.version != 1)
        u.time_stamp = read_time_stamp(&use);
    ch_der_leave(&d, &use);
    *out = u;
    return ch_der_done(&d) && ch_ses_read(a, u.seal_der, &out->seal);
}

/* ---- making ---- */

static bool is_printable(const char *s, size_t max)
{
    size_t n = s != NULL ? strlen(s) : 0;

    for (size_t i = 0; i < n; i++)
        if (s[i] < 0x20 || s[i] > 0x7e)
            return false;
    return n > 0 && n <= max;
}

static bool seal_fits(const struct ch_ses *s)
{
    return s->version >= FIRST_VERSION && s->version <= LAST_VERSION && is_printable(s->vendor, TEXT_MAX) &&
           is_printable(s->id, TEXT_MAX) && s->name != NULL && s->name[0] != '\0' && strlen(s->name) <= TEXT_MAX &&
           s->n_certs > 0 && s->n_certs <= CH_SES_CERTS && s->created >= 0 && s->start <= s->end &&
           is_printable(s->picture_type, TYPE_MAX) && s->picture.n > 0 && s->picture.n <= CH_SES_PICTURE_MAX &&
           s->width > 0 && s->width <= CH_SES_MM_MAX && s->height > 0 && s->height <= CH_SES_MM_MAX;
}

static struct ch_bytes put_certs(struct ch_arena *a, const struct ch_ses *s)
{
    struct ch_bytes list[CH_SES_CERTS];

    for (size_t i = 0; i < s->n_certs; i++) {
        list[i] = ch_der_put(a, CH_DER_OCTETS, s->certs[i]);
        if (s->digests)
            list[i] =
                CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_text(a, CH_DER_PRINTABLE, "1.2.156.10197.1.401"), list[i]);
    }
    return ch_der_wrap(a, CH_DER_SEQUENCE, list, s->n_certs);
}

struct ch_bytes ch_ses_info(struct ch_arena *a, const struct ch_ses *s)
{
    if (!seal_fits(s))
        return CH_BYTES(NULL, 0);
    struct ch_bytes header = CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_text(a, CH_DER_IA5, "ES"),
                                         ch_der_put_int(a, s->version), ch_der_put_text(a, CH_DER_IA5, s->vendor));
    struct ch_bytes property =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_int(a, s->type), ch_der_put_text(a, CH_DER_UTF8, s->name),
                    ch_der_put_int(a, s->digests ? DIGESTS : CERTIFICATES), put_certs(a, s),
                    ch_der_put_time(a, s->created), ch_der_put_time(a, s->start), ch_der_put_time(a, s->end));
    struct ch_bytes picture =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_text(a, CH_DER_IA5, s->picture_type),
                    ch_der_put(a, CH_DER_OCTETS, s->picture), ch_der_put_int(a, s->width), ch_der_put_int(a, s->height));
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, header, ch_der_put_text(a, CH_DER_IA5, s->id), property, picture);
}

/* The OBJECT IDENTIFIER of the key's signatures; p NULL for a key that the hall does not work with. */
static struct ch_bytes put_algorithm(struct ch_arena *a, const EVP_PKEY *key)
{
    X509_ALGOR *alg = X509_ALGOR_new();
    struct ch_bytes out = {NULL, 0};

    if (alg != NULL && ch_alg_enter(alg, key))
        out = ch_der_put(a, CH_DER_OID, CH_BYTES(OBJ_get0_data(alg->algorithm), OBJ_length(alg->algorithm)));
    X509_ALGOR_free(alg);
    return out;
}

/* SEQUENCE { tbs, certificate, algorithm, signature [, time stamp] }: a seal and its use have the same form. */
static bool sign_structure(struct ch_arena *a, struct ch_bytes tbs, X509 *cert, EVP_PKEY *key,
                           struct ch_bytes time_stamp, struct ch_bytes *out)
{
    struct ch_bytes signature, algorithm = put_algorithm(a, key);

    if (tbs.p == NULL || algorithm.p == NULL || X509_check_private_key(cert, key) != 1 ||
        !ch_sign(a, key, NULL, tbs, &signature))
        return false;
    if (time_stamp.p != NULL)
        time_stamp = ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put_bits(a, time_stamp));
    *out = CH_DER_JOIN(a, CH_DER_SEQUENCE, tbs, ch_der_put(a, CH_DER_OCTETS, ch_cert_der(a, cert)), algorithm,
                       ch_der_put_bits(a, signature), time_stamp);
    return true;
}

bool ch_ses_sign(struct ch_arena *a, struct ch_bytes info, X509 *maker, EVP_PKEY *key, struct ch_bytes time_stamp,
                 struct ch_bytes *seal)
{
    return sign_structure(a, info, maker, key, time_stamp, seal);
}

bool ch_ses_use_sign(struct ch_arena *a, struct ch_bytes seal, struct ch_bytes document, const char *property,
                     int64_t time, X509 *signer, EVP_PKEY *key, struct ch_bytes *use)
{
    unsigned char hash[CH_SM3_BYTES];

    if (!is_printable(property, TEXT_MAX))
        return false;
    ch_sm3(document, hash);
    struct ch_bytes tbs =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_int(a, FIRST_VERSION), seal, ch_der_put_time(a, time),
                    ch_der_put_bits(a, CH_BYTES(hash, sizeof hash)), ch_der_put_text(a, CH_DER_IA5, property));
    return sign_structure(a, tbs, signer, key, CH_BYTES(NULL, 0), use);
}
