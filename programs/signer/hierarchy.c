/* SPDX-License-Identifier: Apache-2.0
 * Making the authority's own keys and certificates, and loading them. */
#include "programs/signer/hierarchy.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/crypto/digest.h"
#include "programs/signer/issue.h"
#include "programs/signer/keystore.h"
#include "core/pki/profile.h"
#include "core/pki/certificate.h"

#include <openssl/opensslv.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400

/* One run of hierarchy_make. */
struct ceremony {
    struct ch_arena *a;
    const char *dir, *algorithm, *passphrase;
    const struct authority *who;
    struct ch_buf record; /* describes what was made, for ceremony.txt */
    struct ch_fault *fault;
};

enum { ROOT, CA, OCSP, SEAL, EVIDENCE };

/* The members of a hierarchy, each after the one that signs it. */
static const struct role {
    const char *name, *profile, *words; /* in file names; the certificate's profile; in the certificate's CN */
    const struct role *issuer;          /* NULL: self-signed */
} roles[] = {
    [ROOT] = {"root", "root", "根CA", NULL},
    [CA] = {"ca", "issuing", "签发CA", &roles[ROOT]},
    [OCSP] = {"ocsp", "ocsp", "证书状态", &roles[CA]},
    [SEAL] = {"seal", "seal", "电子印章", &roles[CA]},
    [EVIDENCE] = {"evidence", "evidence", "证据固化", &roles[CA]},
};

/* Key and certificate of one member, loaded. */
struct member {
    EVP_PKEY *key;
    X509 *cert;
};

static const char *file_name(const struct ceremony *c, const struct role *role, const char *ending)
{
    return ch_printf(c->a, "%s-%s%s", role->name, c->algorithm, ending);
}

static void note_cert(struct ceremony *c, const char *file, X509 *cert)
{
    struct ch_bytes der = ch_cert_der(c->a, cert);
    unsigned char sm3[CH_SM3_BYTES];

    ch_sm3(der, sm3);
    ch_buf_printf(&c->record, "certificate  %s\n  subject    %s\n  sha256     %s\n  sm3        %s\n", file,
                  ch_cert_subject(c->a, cert), ch_sha256_hex(c->a, der), ch_hex(c->a, CH_BYTES(sm3, sizeof sm3)));
}

static void member_free(struct member *m)
{
    EVP_PKEY_free(m->key);
    X509_free(m->cert);
    *m = (struct member){0};
}

static bool role_has(const struct ceremony *c, const struct role *role, const char *ending)
{
    return keystore_has(c->a, c->dir, file_name(c, role, ending));
}

static EVP_PKEY *make_key(struct ceremony *c, const char *name)
{
    EVP_PKEY *key = ch_alg_key(c->algorithm);

    if (key != NULL && keystore_key_write(c->a, c->dir, name, c->passphrase, key)) {
        ch_buf_printf(&c->record, "key          %s (%s)\n  public     sha256 %s\n", name,
                      keystore_key_place(c->a, c->dir, name), ch_sha256_hex(c->a, ch_alg_public_der(c->a, key)));
        return key;
    }
    EVP_PKEY_free(key);
    return NULL;
}

/* Reads the key of the role, or makes it if there is neither key nor certificate. */
static EVP_PKEY *role_key(struct ceremony *c, const struct role *role)
{
    const char *name = file_name(c, role, "");

    if (keystore_has_key(c->a, c->dir, name))
        return keystore_key_read(c->a, c->dir, name, c->passphrase);
    if (!role_has(c, role, ".cer"))
        return make_key(c, name);
    ch_fault(c->fault, CH_E_INTERNAL, "the key of %s/%s.cer is not here", c->dir, name);
    return NULL;
}

static const char *algorithm_words(const char *algorithm)
{
    if (strcmp(algorithm, "p256") == 0)
        return "P-256";
    return strcmp(algorithm, "sm2") == 0 ? "SM2" : "RSA";
}

/* The end of a certificate: as late as the profile allows, but not past the issuer's end. */
static int64_t certificate_end(const struct ch_profile *profile, int64_t start, X509 *issuer)
{
    int64_t end = profile->years > 0 ? issue_end(start, profile->years, issuer) : start + (int64_t)profile->days * DAY - 1;

    return issuer == NULL || end < ch_cert_end(issuer) ? end : ch_cert_end(issuer);
}

/* Makes the role's certificate without a signature. `issuer` is NULL for a self-signed one. */
static X509 *build_certificate(struct ch_arena *a, const struct authority *who, const char *algorithm,
                               const struct role *role, EVP_PKEY *key, X509 *issuer, struct ch_fault *f)
{
    struct ch_certificate_plan plan = {.profile = ch_profile_find(who->profiles, role->profile),
                                       .key = key,
                                       .issuer = issuer,
                                       .algorithm = algorithm,
                                       .not_before = ch_now_ms() / 1000 - CLOCK_SKEW,
                                       .origin = who->origin,
                                       .site = who->site};

    plan.subject.unit_name = who->name;
    plan.subject.person_name = ch_printf(a, "%s %s %s", who->brief, role->words, algorithm_words(algorithm));
    if (issuer != NULL && plan.not_before < ch_cert_start(issuer))
        plan.not_before = ch_cert_start(issuer);
    plan.not_after = certificate_end(plan.profile, plan.not_before, issuer);
    issue_serial(plan.serial);
    return ch_profile_build(&plan, f);
}

/* Makes, signs and writes the role's certificate, in place of the one that expires soon, if there is one. `issuer` has no
 * certificate when the role signs its own. */
static X509 *make_cert(struct ceremony *c, const struct role *role, EVP_PKEY *key, const struct member *issuer)
{
    const char *file = file_name(c, role, ".cer");
    unsigned char tbs[CH_SM3_BYTES];
    X509 *cert = build_certificate(c->a, c->who, c->algorithm, role, key, issuer->cert, c->fault);

    if (cert == NULL || !ch_cert_fix(cert, issuer->key, tbs) || !ch_cert_sign(cert, issuer->key, tbs) ||
        !ch_cert_verify(cert, issuer->cert != NULL ? issuer->cert : cert)) {
        X509_free(cert);
        ch_fault(c->fault, CH_E_INTERNAL, "%s certificate: %s", role->name, ch_openssl_reason());
        return NULL;
    }
    bool written = role_has(c, role, ".cer") ? keystore_cert_replace(c->a, c->dir, file, cert)
                                             : keystore_cert_write(c->a, c->dir, file, cert);
    if (written) {
        note_cert(c, file, cert);
        return cert;
    }
    X509_free(cert);
    return NULL;
}

/* Reads the role's certificate, which must belong to the key. */
static X509 *read_cert(struct ceremony *c, const struct role *role, EVP_PKEY *key)
{
    const char *file = file_name(c, role, ".cer");
    X509 *cert = keystore_cert_read(c->a, c->dir, file);

    if (cert != NULL && X509_check_private_key(cert, key) == 1)
        return cert;
    ch_fault(c->fault, CH_E_INTERNAL, "%s/%s does not belong to its key", c->dir, file);
    X509_free(cert);
    return NULL;
}

/* True when the certificate is to be replaced, which is only the case for the OCSP signer's: its profile counts in days. */
static bool expires_soon(const struct ceremony *c, const struct role *role)
{
    const struct ch_profile *profile = ch_profile_find(c->who->profiles, role->profile); /* every file of profiles has it */
    X509 *cert = profile->days > 0 ? keystore_cert_read(c->a, c->dir, file_name(c, role, ".cer")) : NULL;
    bool due = cert != NULL && hierarchy_due(cert, ch_now_ms() / 1000);

    X509_free(cert);
    return due;
}

/* Loads key and certificate of a role, and makes what is missing. The role that signs it is only loaded if it is needed. */
static bool member_make(struct ceremony *c, const struct role *role, struct member *out)
{
    struct member m = {.key = role_key(c, role)}, issuer = {0};

    if (m.key != NULL && role_has(c, role, ".cer") && !expires_soon(c, role)) {
        m.cert = read_cert(c, role, m.key);
    } else if (m.key != NULL && role->issuer == NULL) {
        const struct member self = {.key = m.key};
        m.cert = make_cert(c, role, m.key, &self);
    } else if (m.key != NULL && member_make(c, role->issuer, &issuer)) {
        m.cert = make_cert(c, role, m.key, &issuer);
    }
    member_free(&issuer);
    if (m.cert != NULL)
        *out = m;
    else
        member_free(&m);
    return m.cert != NULL;
}

/* Makes what is missing or expires soon. */
static bool make_missing(struct ceremony *c)
{
    for (size_t i = 0; i < CH_COUNT(roles); i++) {
        const struct role *role = &roles[i];
        struct member m;
        /* A root without its key lacks nothing: the key may be kept elsewhere. */
        bool key_enough = role->issuer == NULL || keystore_has_key(c->a, c->dir, file_name(c, role, ""));
        if (role_has(c, role, ".cer") && !expires_soon(c, role) && key_enough)
            continue;
        if (!member_make(c, role, &m))
            return false;
        member_free(&m);
    }
    return true;
}

/* Appends to ceremony.txt who made what and when. */
static bool write_record(struct ceremony *c)
{
    char host[256] = "";
    const struct passwd *user = getpwuid(getuid());

    if (c->record.n == 0)
        return true; /* nothing was made */
    gethostname(host, sizeof host - 1);
    char *text = ch_printf(c->a,
                           "key ceremony, %s hierarchy\n"
                           "when         %s\nwho          %s (uid %u) on %s\nwith         %s\n%s\n",
                           c->algorithm, ch_rfc3339(c->a, ch_now_ms() / 1000), user != NULL ? user->pw_name : "?",
                           (unsigned)getuid(), host, OPENSSL_VERSION_TEXT, c->record.p);
    return keystore_record(c->a, c->dir, text);
}

enum ch_err hierarchy_make(const char *dir, const char *algorithm, const struct authority *who, struct ch_fault *f)
{
    struct ceremony c = {.a = ch_arena_new(), .dir = dir, .algorithm = algorithm, .who = who, .fault = f};
    enum ch_err e = CH_OK;

    ch_buf_init(&c.record, c.a);
    c.passphrase = keystore_passphrase(c.a, dir, true);
    bool made = c.passphrase != NULL && make_missing(&c);
    if (!write_record(&c) || !made)
        e = ch_fault(f, CH_E_INTERNAL, "%s hierarchy in %s: not complete", algorithm, dir);
    ch_arena_free(c.a);
    return e;
}

X509 *hierarchy_ocsp_next(const struct hierarchy *h, const struct authority *who, struct ch_fault *f)
{
    struct ch_arena *a = ch_arena_new();
    X509 *cert = build_certificate(a, who, h->algorithm, &roles[OCSP], h->ocsp_key, h->ca, f);

    ch_arena_free(a);
    return cert;
}

enum ch_err hierarchy_ocsp_replace(const char *dir, struct hierarchy *h, X509 *cert, struct ch_fault *f)
{
    struct ch_arena *a = ch_arena_new();
    bool written = X509_check_private_key(cert, h->ocsp_key) == 1 && ch_cert_verify(cert, h->ca) &&
                   keystore_cert_replace(a, dir, ch_printf(a, "ocsp-%s.cer", h->algorithm), cert);

    ch_arena_free(a);
    if (!written)
        return ch_fault(f, CH_E_INTERNAL, "the OCSP signer's certificate of %s is not put in place", h->algorithm);
    X509_free(h->ocsp);
    h->ocsp = cert;
    return CH_OK;
}

bool hierarchy_due(const X509 *cert, int64_t now)
{
    int64_t start = ch_cert_start(cert), end = ch_cert_end(cert);

    return end - now < (end - start) / 3;
}

static bool in_force(const X509 *cert)
{
    return X509_cmp_current_time(X509_get0_notBefore(cert)) < 0 && X509_cmp_current_time(X509_get0_notAfter(cert)) > 0;
}

/* What is wrong with an OCSP signer, seal maker or evidence signer; nothing if there is none. Its validity is not checked here, because an OCSP
 * signer's certificate that has expired is renewed while serving. */
static const char *helper_fault(X509 *ca, X509 *cert, const EVP_PKEY *key)
{
    if (cert == NULL)
        return NULL;
    if (key == NULL || X509_check_private_key(cert, key) != 1)
        return "the key of the OCSP signer, seal maker or evidence signer is not that of its certificate";
    return ch_cert_verify(cert, ca) ? NULL : "OCSP signer, seal maker or evidence signer are not the issuing CA's";
}

/* What is wrong with a hierarchy that was loaded; NULL when nothing is. */
static const char *hierarchy_fault(const struct hierarchy *h)
{
    if (h->root == NULL || h->ca == NULL || h->ca_key == NULL)
        return "files missing, run certhall-signer init";
    if (X509_check_private_key(h->ca, h->ca_key) != 1)
        return "the issuing key is not that of its certificate";
    if (!ch_cert_verify(h->root, h->root) || !ch_cert_verify(h->ca, h->root))
        return "the certificates do not make a chain";
    if (!in_force(h->root) || !in_force(h->ca))
        return "a certificate is not in force";
    const char *fault = helper_fault(h->ca, h->ocsp, h->ocsp_key);
    if (fault == NULL)
        fault = helper_fault(h->ca, h->seal, h->seal_key);
    return fault != NULL ? fault : helper_fault(h->ca, h->evidence, h->evidence_key);
}

bool hierarchy_there(const char *dir, const char *algorithm)
{
    struct ch_arena *a = ch_arena_new();
    bool there = keystore_has(a, dir, ch_printf(a, "ca-%s.cer", algorithm));

    ch_arena_free(a);
    return there;
}

static X509 *load_cert(struct ch_arena *a, const char *dir, const char *role, const char *algorithm)
{
    const char *file = ch_printf(a, "%s-%s.cer", role, algorithm);

    return keystore_has(a, dir, file) ? keystore_cert_read(a, dir, file) : NULL;
}

static EVP_PKEY *load_key(struct ch_arena *a, const char *dir, const char *role, const char *algorithm, const char *pass)
{
    const char *name = ch_printf(a, "%s-%s", role, algorithm);

    return keystore_has_key(a, dir, name) ? keystore_key_read(a, dir, name, pass) : NULL;
}

enum ch_err hierarchy_load(const char *dir, const char *algorithm, struct hierarchy *out, struct ch_fault *f)
{
    struct ch_arena *a = ch_arena_new();
    const char *pass = keystore_passphrase(a, dir, false);
    struct hierarchy h = {.algorithm = algorithm};

    if (pass != NULL)
        h = (struct hierarchy){
            .algorithm = algorithm,
            .root = load_cert(a, dir, "root", algorithm),
            .ca = load_cert(a, dir, "ca", algorithm),
            .ca_key = load_key(a, dir, "ca", algorithm, pass),
            .ocsp = load_cert(a, dir, "ocsp", algorithm),
            .ocsp_key = load_key(a, dir, "ocsp", algorithm, pass),
            .seal = load_cert(a, dir, "seal", algorithm),
            .seal_key = load_key(a, dir, "seal", algorithm, pass),
            .evidence = load_cert(a, dir, "evidence", algorithm),
            .evidence_key = load_key(a, dir, "evidence", algorithm, pass),
        };
    ch_arena_free(a);
    const char *fault = hierarchy_fault(&h);
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
    X509_free(h->seal);
    X509_free(h->evidence);
    EVP_PKEY_free(h->ca_key);
    EVP_PKEY_free(h->ocsp_key);
    EVP_PKEY_free(h->seal_key);
    EVP_PKEY_free(h->evidence_key);
    *h = (struct hierarchy){0};
}

X509 *hierarchy_certificate(const char *dir, const char *file)
{
    struct ch_arena *a = ch_arena_new();
    X509 *cert = keystore_cert_read(a, dir, file);

    ch_arena_free(a);
    return cert;
}
