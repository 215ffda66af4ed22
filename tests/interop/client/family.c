/* SPDX-License-Identifier: Apache-2.0
 * A whole family of certificates for other people's programs to check: root, issuing CA, one leaf of each profile; and
 * such as they must refuse. */
#include "tests/interop/client/client.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/pki/certificate.h"
#include "core/pki/profile.h"

#include <string.h>

#define DAY 86400

struct family {
    struct ch_arena *a;
    struct ch_profiles *profiles;
    const char *algorithm;
    EVP_PKEY *root_key, *ca_key, *key;
    X509 *root, *ca;
    int count;
};

static X509 *sign(X509 *x, EVP_PKEY *key)
{
    unsigned char tbs[CH_SM3_BYTES];

    if (x != NULL && ch_cert_fix(x, key, tbs) && ch_cert_sign(x, key, tbs))
        return x;
    X509_free(x);
    return NULL;
}

/* `start` and `end` in days from now. */
static X509 *build(struct family *f, const char *kind, EVP_PKEY *key, X509 *issuer, int start, int end)
{
    int64_t now = ch_now_ms() / 1000;
    struct ch_certificate_plan p = {
        .profile = ch_profile_find(f->profiles, kind),
        .subject = {.unit_name = "示范科技有限公司",
                    .unit_code = "91440101MA5CXXXX0X",
                    .business_name = "电子投标",
                    .person_name = ch_printf(f->a, "示范 %s %s", kind, f->algorithm)},
        .serial = {0x91, 2, 3, 4, 5, 6, 7, (unsigned char)++f->count},
        .not_before = now + (int64_t)start * DAY,
        .not_after = now + (int64_t)end * DAY,
        .key = key,
        .issuer = issuer,
        .algorithm = f->algorithm,
        .origin = "https://hall.example",
        .site = "https://ca.example",
    };

    memset(p.id_hash, 0xab, sizeof p.id_hash);
    return ch_profile_build(&p, NULL);
}

static void write_cert(struct family *f, struct ch_jw *out, const char *name, X509 *x)
{
    ch_jw_text(out, name, x != NULL ? ch_base64(f->a, ch_cert_der(f->a, x)) : NULL);
    X509_free(x);
}

static void write_leaves(struct family *f, struct ch_jw *out)
{
    const struct ch_profile *p;

    ch_jw_object(out, "leaves");
    for (size_t i = 0; (p = ch_profile_at(f->profiles, i)) != NULL; i++)
        if (!p->ca)
            write_cert(f, out, p->kind, sign(build(f, p->kind, f->key, f->ca, 0, 30), f->ca_key));
    ch_jw_end_object(out);
}

/* The same certificate under the empty SM2 id, as OpenSSL's own X509_sign makes it. */
static X509 *under_no_id(struct family *f)
{
    X509 *x = build(f, "institution", f->key, f->ca, 0, 30);

    if (x != NULL && X509_sign(x, f->ca_key, EVP_sm3()) > 0)
        return x;
    X509_free(x);
    return NULL;
}

static void write_refused(struct family *f, struct ch_jw *out)
{
    ch_jw_object(out, "refused");
    write_cert(f, out, "expired", sign(build(f, "institution", f->key, f->ca, -60, -1), f->ca_key));
    write_cert(f, out, "future", sign(build(f, "institution", f->key, f->ca, 10, 30), f->ca_key));
    write_cert(f, out, "stranger", sign(build(f, "institution", f->key, f->ca, 0, 30), f->key));
    if (strcmp(f->algorithm, "sm2") == 0)
        write_cert(f, out, "no_id", under_no_id(f));
    ch_jw_end_object(out);
}

static void free_family(struct family *f)
{
    EVP_PKEY_free(f->root_key);
    EVP_PKEY_free(f->ca_key);
    EVP_PKEY_free(f->key);
    X509_free(f->root);
    X509_free(f->ca);
    ch_profiles_free(f->profiles);
}

/* "algorithm" -> "root", "ca", "leaves": {kind: …}, "refused": {expired, future, stranger, no_id}: base64 of DER */
bool client_family(struct ch_arena *a, struct ch_fault *fault, const struct ch_json *in, struct ch_jw *out)
{
    const char *algorithm = client_text(in, "algorithm", "sm2");
    struct family f = {.a = a,
                       .algorithm = algorithm,
                       .root_key = ch_alg_key(algorithm),
                       .ca_key = ch_alg_key(algorithm),
                       .key = ch_alg_key(algorithm)};
    bool ok = ch_profiles_load(ch_conf(CONF_PROFILES), &f.profiles, fault) == CH_OK &&
              (f.root = sign(build(&f, "root", f.root_key, NULL, -100, 3000), f.root_key)) != NULL &&
              (f.ca = sign(build(&f, "issuing", f.ca_key, f.root, -90, 2000), f.root_key)) != NULL;

    if (ok) {
        ch_jw_text(out, "root", ch_base64(a, ch_cert_der(a, f.root)));
        ch_jw_text(out, "ca", ch_base64(a, ch_cert_der(a, f.ca)));
        write_leaves(&f, out);
        write_refused(&f, out);
    }
    free_family(&f);
    return ok;
}
