/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/signer/hierarchy.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/crypto/digest.h"
#include "programs/signer/issue.h"
#include "programs/signer/keystore.h"
#include "programs/signer/profile.h"
#include "core/pki/certificate.h"

#include <openssl/opensslv.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

/* One run of `init` for one algorithm. */
struct ceremony {
    struct ch_arena *a;
    const char *dir, *algorithm, *brand, *brand_short, *passphrase;
    struct ch_buf record; /* what was made, for ceremony.txt */
    struct ch_fault *fault;
};

static const char *file_name(const struct ceremony *c, const char *role, const char *ending)
{
    return ch_printf(c->a, "%s-%s%s", role, c->algorithm, ending);
}

static void note_key(struct ceremony *c, const char *name, const EVP_PKEY *key)
{
    ch_buf_printf(&c->record, "key          %s.key (PKCS#8, AES-256-CBC)\n  public     sha256 %s\n", name,
                  ch_sha256_hex(c->a, ch_public_der(c->a, key)));
}

static void note_cert(struct ceremony *c, const char *file, X509 *cert)
{
    struct ch_bytes der = ch_cert_der(c->a, cert);
    unsigned char sm3[CH_SM3_BYTES];

    ch_sm3(der, sm3);
    ch_buf_printf(&c->record,
                  "certificate  %s\n  subject    %s\n  sha256     %s\n  sm3        %s\n", file,
                  ch_cert_subject(c->a, cert), ch_sha256_hex(c->a, der), ch_hex(c->a, CH_BYTES(sm3, sizeof sm3)));
}

/* The key of that role: read, or made where there is none. */
static EVP_PKEY *role_key(struct ceremony *c, const char *role)
{
    const char *name = file_name(c, role, "");

    if (keystore_has(c->a, c->dir, file_name(c, role, ".key")))
        return keystore_key_read(c->a, c->dir, name, c->passphrase);
    EVP_PKEY *key = ch_alg_key(c->algorithm);
    if (key != NULL && keystore_key_write(c->a, c->dir, name, c->passphrase, key)) {
        note_key(c, name, key);
        return key;
    }
    EVP_PKEY_free(key);
    return NULL;
}

static X509 *sign_ca(struct ceremony *c, const struct certificate_plan *plan, EVP_PKEY *issuer_key)
{
    unsigned char tbs[CH_SM3_BYTES];
    X509 *cert = profile_build(plan, c->fault);

    if (cert != NULL && ch_cert_fix(cert, issuer_key, tbs) && ch_cert_sign(cert, issuer_key, tbs) &&
        ch_cert_verify(cert, plan->issuer != NULL ? plan->issuer : cert))
        return cert;
    X509_free(cert);
    ch_fault(c->fault, CH_E_INTERNAL, "%s certificate: %s", plan->profile->kind, ch_openssl_reason());
    return NULL;
}

static X509 *make_cert(struct ceremony *c, const char *kind, const char *words, int years, EVP_PKEY *key, X509 *issuer,
                       EVP_PKEY *issuer_key)
{
    struct certificate_plan plan = {.profile = profile_find(kind), .key = key, .issuer = issuer,
                                    .algorithm = c->algorithm, .not_before = ch_now_ms() / 1000 - CLOCK_SKEW};

    plan.subject.unit_name = c->brand;
    plan.subject.person_name =
        ch_printf(c->a, "%s %s %s", c->brand_short, words, strcmp(c->algorithm, "sm2") == 0 ? "SM2" : "RSA");
    plan.not_after = issue_end(plan.not_before, years, issuer);
    issue_serial(plan.serial);
    return sign_ca(c, &plan, issuer_key);
}

/* The certificate of that role: read and checked against its key, or made where there is none. */
static X509 *role_cert(struct ceremony *c, const char *role, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
    const char *file = file_name(c, role, ".cer");
    X509 *cert;

    if (keystore_has(c->a, c->dir, file)) {
        cert = keystore_cert_read(c->a, c->dir, file);
        if (cert != NULL && X509_check_private_key(cert, key) == 1)
            return cert;
        ch_fault(c->fault, CH_E_INTERNAL, "%s/%s does not belong to its key", c->dir, file);
        X509_free(cert);
        return NULL;
    }
    cert = issuer == NULL ? make_cert(c, "root", "根CA", ROOT_YEARS, key, NULL, issuer_key)
                          : make_cert(c, "issuing", "签发CA", CA_YEARS, key, issuer, issuer_key);
    if (cert != NULL && keystore_cert_write(c->a, c->dir, file, cert)) {
        note_cert(c, file, cert);
        return cert;
    }
    X509_free(cert);
    return NULL;
}

static bool make_issuing(struct ceremony *c, X509 *root, EVP_PKEY *root_key)
{
    EVP_PKEY *key = role_key(c, "ca");
    X509 *cert = key != NULL ? role_cert(c, "ca", key, root, root_key) : NULL;
    bool ok = cert != NULL;

    X509_free(cert);
    EVP_PKEY_free(key);
    return ok;
}

static bool make_all(struct ceremony *c)
{
    EVP_PKEY *key = role_key(c, "root");
    X509 *root = key != NULL ? role_cert(c, "root", key, NULL, key) : NULL;
    bool ok = root != NULL && make_issuing(c, root, key);

    X509_free(root);
    EVP_PKEY_free(key);
    return ok;
}

/* Head of the record, with what was made under it. */
static bool write_record(struct ceremony *c)
{
    char host[256] = "";
    const struct passwd *user = getpwuid(getuid());

    if (c->record.n == 0)
        return true; /* all was there */
    gethostname(host, sizeof host - 1);
    char *text = ch_printf(c->a,
                           "key ceremony, %s hierarchy\n"
                           "when         %s\nwho          %s (uid %u) on %s\nwith         %s\n%s\n",
                           c->algorithm, ch_rfc3339(c->a, ch_now_ms() / 1000), user != NULL ? user->pw_name : "?",
                           (unsigned)getuid(), host, OPENSSL_VERSION_TEXT, c->record.p);
    return keystore_record(c->a, c->dir, text);
}

static bool everything_there(const struct ceremony *c)
{
    return keystore_has(c->a, c->dir, file_name(c, "root", ".cer")) &&
           keystore_has(c->a, c->dir, file_name(c, "ca", ".cer")) &&
           keystore_has(c->a, c->dir, file_name(c, "ca", ".key"));
}

enum ch_err hierarchy_make(const char *dir, const char *algorithm, const char *brand, const char *brand_short,
                           struct ch_fault *f)
{
    struct ceremony c = {.a = ch_arena_new(), .dir = dir, .algorithm = algorithm, .brand = brand,
                         .brand_short = brand_short, .fault = f};
    enum ch_err e = CH_OK;

    if (!everything_there(&c)) { /* the root's key may have been taken away since */
        ch_buf_init(&c.record, c.a);
        c.passphrase = keystore_passphrase(c.a, dir, true);
        bool made = c.passphrase != NULL && make_all(&c);
        if (!write_record(&c) || !made)
            e = ch_fault(f, CH_E_INTERNAL, "%s hierarchy in %s: not complete", algorithm, dir);
    }
    ch_arena_free(c.a);
    return e;
}

static bool in_force(const X509 *cert)
{
    return X509_cmp_current_time(X509_get0_notBefore(cert)) < 0 && X509_cmp_current_time(X509_get0_notAfter(cert)) > 0;
}

static const char *fault_of(const struct hierarchy *h)
{
    if (h->root == NULL || h->ca == NULL || h->ca_key == NULL)
        return "files missing, run certhall-signer init";
    if (X509_check_private_key(h->ca, h->ca_key) != 1)
        return "the issuing key is not that of its certificate";
    if (!ch_cert_verify(h->root, h->root) || !ch_cert_verify(h->ca, h->root))
        return "the certificates do not make a chain";
    return in_force(h->root) && in_force(h->ca) ? NULL : "a certificate is not in force";
}

bool hierarchy_there(const char *dir, const char *algorithm)
{
    struct ch_arena *a = ch_arena_new();
    bool there = keystore_has(a, dir, ch_printf(a, "ca-%s.cer", algorithm));

    ch_arena_free(a);
    return there;
}

enum ch_err hierarchy_load(const char *dir, const char *algorithm, struct hierarchy *out, struct ch_fault *f)
{
    struct ch_arena *a = ch_arena_new();
    struct hierarchy h = {.algorithm = algorithm};
    const char *passphrase = keystore_passphrase(a, dir, false);

    if (passphrase != NULL) {
        h.ca_key = keystore_key_read(a, dir, ch_printf(a, "ca-%s", algorithm), passphrase);
        h.ca = keystore_cert_read(a, dir, ch_printf(a, "ca-%s.cer", algorithm));
        h.root = keystore_cert_read(a, dir, ch_printf(a, "root-%s.cer", algorithm));
    }
    ch_arena_free(a);
    const char *fault = fault_of(&h);
    if (fault == NULL) {
        *out = h;
        return CH_OK;
    }
    hierarchy_free(&h);
    return ch_fault(f, CH_E_INTERNAL, "%s hierarchy in %s: %s", algorithm, dir, fault);
}

void hierarchy_free(struct hierarchy *h)
{
    X509_free(h->root);
    X509_free(h->ca);
    X509_free(h->ocsp);
    X509_free(h->stamp);
    EVP_PKEY_free(h->ca_key);
    EVP_PKEY_free(h->ocsp_key);
    EVP_PKEY_free(h->stamp_key);
    *h = (struct hierarchy){0};
}

X509 *hierarchy_certificate(const char *dir, const char *file)
{
    struct ch_arena *a = ch_arena_new();
    X509 *cert = keystore_cert_read(a, dir, file);

    ch_arena_free(a);
    return cert;
}
