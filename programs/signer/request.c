/* SPDX-License-Identifier: Apache-2.0
 * Certificates of external CAs: the request and its key, the check of the answer, and publishing the CAs' own certificates. */
#include "programs/signer/request.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/crypto/cipher.h"
#include "core/gateway/cmp/cmp.h"
#include "core/pki/csr.h"
#include "core/pki/trust.h"
#include "programs/signer/decision.h"
#include "programs/signer/issue.h"
#include "programs/signer/key_file.h"
#include "programs/signer/keystore.h"
#include "programs/signer/operations.h"
#include "programs/signer/pins.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY 86400
#define LEEWAY 31 /* days by which another authority's year may differ from ours */
#define LINKS_MOST 16
#define REQUESTED_PARAMS 5 /* of statement signer_requested */

/* ---- the key between request and answer ---- */

/* Derives the key that encrypts the keys of requests from the passphrase in the signer's folder. */
static bool request_key(struct ch_arena *a, unsigned char key[CH_AES_KEY])
{
    const char *passphrase = keystore_passphrase(a, ch_conf(CONF_SIGNER_KEYS), false);

    if (passphrase != NULL)
        ch_hkdf(CH_BYTES(passphrase, strlen(passphrase)), "certhall request key", key, CH_AES_KEY);
    return passphrase != NULL;
}

/* The additional authenticated data, which bind an encrypted key to its order and item. */
static struct ch_bytes key_place(struct ch_arena *a, const char *order, int item)
{
    char *text = item == 1 ? ch_printf(a, "request|%s", order) : ch_printf(a, "request|%s|%d", order, item);
    return CH_BYTES(text, strlen(text));
}

static bool encrypt_key(struct ch_arena *a, const char *order, int item, EVP_PKEY *pair, struct ch_bytes *out)
{
    unsigned char *key = ch_alloc_secret(a, CH_AES_KEY), *der = NULL, nonce[CH_GCM_NONCE];
    int n = i2d_PrivateKey(pair, &der);

    if (n <= 0 || !request_key(a, key)) {
        OPENSSL_clear_free(der, n > 0 ? (size_t)n : 0);
        return false;
    }
    ch_random(nonce, sizeof nonce);
    struct ch_bytes encrypted = ch_gcm_encrypt(a, key, nonce, key_place(a, order, item), CH_BYTES(der, (size_t)n));
    unsigned char *p = ch_alloc(a, sizeof nonce + encrypted.n);
    memcpy(p, nonce, sizeof nonce);
    memcpy(p + sizeof nonce, encrypted.p, encrypted.n);
    *out = CH_BYTES(p, sizeof nonce + encrypted.n);
    OPENSSL_clear_free(der, (size_t)n);
    return true;
}

static EVP_PKEY *decrypt_key(struct ch_arena *a, const char *order, int item, struct ch_bytes encrypted)
{
    unsigned char *key = ch_alloc_secret(a, CH_AES_KEY);
    struct ch_bytes plain;

    if (encrypted.n <= CH_GCM_NONCE || !request_key(a, key) ||
        !ch_gcm_decrypt(a, key, encrypted.p, key_place(a, order, item),
                        CH_BYTES(encrypted.p + CH_GCM_NONCE, encrypted.n - CH_GCM_NONCE), &plain))
        return NULL;
    const unsigned char *p = plain.p;
    return d2i_AutoPrivateKey(NULL, &p, (long)plain.n);
}

/* ---- the request ---- */

/* Builds a certificate that is never signed, only for the name that the profile makes from the item's subject. */
static X509 *draft_certificate(struct signer *s, struct ch_arena *a, const struct order *o, const struct order_item *i,
                               EVP_PKEY *key, struct ch_fault *f)
{
    const struct hierarchy *ca = signer_ca(s, "");
    struct ch_certificate_plan plan = {
        .profile = i->profile, .key = key, .issuer = ca->ca, .algorithm = ca->algorithm, .origin = s->origin, .site = s->site};

    if (order_subject(s, a, o, i, &plan, f) != CH_OK)
        return NULL;
    issue_serial(plan.serial);
    plan.not_before = ch_now_ms() / 1000;
    plan.not_after = plan.not_before + DAY;
    return ch_profile_build(&plan, f);
}

/* The fault that was noted before, or else one with OpenSSL's reason. */
static enum ch_err request_failure(struct ch_fault *f, const char *what)
{
    return f->code != CH_OK ? f->code : ch_fault(f, CH_E_INTERNAL, "%s: %s", what, ch_openssl_reason());
}

static enum ch_err make_request(struct signer *s, struct ch_arena *a, const struct order *o, const struct order_item *i,
                                EVP_PKEY *key, struct ch_call *call, struct ch_fault *f)
{
    X509 *named = draft_certificate(s, a, o, i, key, f);
    unsigned char *spki = ch_alloc(a, CH_SHA256_BYTES);
    struct ch_param *params = ch_alloc_array(a, REQUESTED_PARAMS, sizeof *params);
    struct ch_bytes der, encrypted;
    bool made = named != NULL && ch_csr_make(a, key, X509_get_subject_name(named), &der) &&
                encrypt_key(a, o->id, i->number, key, &encrypted);

    X509_free(named);
    if (!made)
        return request_failure(f, "request");
    ch_sha256(ch_alg_public_der(a, key), spki);
    params[0] = ch_p_text(o->id);
    params[1] = ch_p_int(a, i->number);
    params[2] = ch_p_bytes(der);
    params[3] = ch_p_bytes(CH_BYTES(spki, CH_SHA256_BYTES));
    params[4] = ch_p_bytes(encrypted);
    *call = ch_call_of(&signer_requested, params, REQUESTED_PARAMS);
    return CH_OK;
}

/* Makes the requests of all items that need one, and stores them in one transaction. */
static enum ch_err make_requests(struct signer *s, struct ch_arena *a, const struct order *o, const char *algorithm,
                                 struct ch_fault *f)
{
    struct ch_call *calls = ch_alloc_array(a, o->n, sizeof *calls);
    enum ch_err e = CH_OK;
    size_t n = 0;

    for (size_t i = 0; e == CH_OK && i < o->n; i++) {
        if (!o->items[i].request_wanted)
            continue;
        EVP_PKEY *key = ch_alg_key(algorithm);
        e = key != NULL ? make_request(s, a, o, &o->items[i], key, &calls[n++], f) : request_failure(f, "key pair");
        EVP_PKEY_free(key);
    }
    if (e == CH_OK && n == 0)
        e = ch_fault(f, CH_E_CONFLICT, "no request is wanted");
    return e == CH_OK ? ch_db_run(s->db, a, f, calls, n, ch_alloc_array(a, n, sizeof(struct ch_rows))) : e;
}

enum ch_err order_request(struct signer *s, struct ch_arena *a, const char *order_id, char *text, struct ch_fault *f)
{
    (void)text;
    struct order o;
    struct decision d;
    struct ch_cmp ca;
    enum ch_err e = order_read(s, a, order_id, &o, f);

    if (e == CH_OK && !o.external)
        e = ch_fault(f, CH_E_CONFLICT, "no request is wanted");
    if (e == CH_OK)
        e = decision_check(s, a, &o, &d, f); /* another authority issues what it is asked for */
    if (e == CH_OK)
        e = ch_cmp_read(a, f, o.ca, &ca);
    return e == CH_OK ? make_requests(s, a, &o, ca.algorithm, f) : e;
}

/* ---- the answer ---- */

static enum ch_trust check_chain(X509 *cert, STACK_OF(X509) *trusted, int64_t now)
{
    X509 *roots[LINKS_MOST], *between[LINKS_MOST];
    struct ch_trusted given = {.roots = roots, .between = between};
    struct ch_chain chain;

    for (int i = 0; i < sk_X509_num(trusted) && i < LINKS_MOST; i++) {
        X509 *x = sk_X509_value(trusted, i);
        if (X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0)
            roots[given.n_roots++] = x;
        else
            between[given.n_between++] = x;
    }
    return ch_trust_check(&given, cert, now, CH_USE_SIGN, &chain);
}

/* An authority that has its own idea of a year is let have it. What was approved for one in another's place is a day, which was
 * asked for, so that nobody has more than was approved; less is the authority's right. */
static const char *end_objection(int64_t end, const struct order_item *i, int64_t now)
{
    int64_t days = (end - now) / DAY;

    if (i->keep_end == 0)
        return days >= (int64_t)i->years * 365 - LEEWAY && days <= (int64_t)i->years * 366 + LEEWAY
                   ? NULL
                   : "外部签发机构返回的证书有效期与业务单的年限不符。";
    if (end > i->keep_end)
        return "外部签发机构返回的证书有效期晚于批准的截止日期。";
    return end > i->old_end ? NULL : "外部签发机构返回的证书有效期不晚于原证书，没有延长。";
}

const char *request_objection(X509 *cert, EVP_PKEY *key, const X509_NAME *wanted, const struct order_item *i,
                              STACK_OF(X509) *trusted, int64_t now)
{
    if (cert == NULL)
        return "外部签发机构返回的不是一张证书。";
    if (X509_check_private_key(cert, key) != 1)
        return "外部签发机构返回的证书不是这个密钥的。";
    if (X509_NAME_cmp(X509_get_subject_name(cert), wanted) != 0)
        return "外部签发机构返回的证书主体与业务单不符。";
    if (X509_check_ca(cert) != 0)
        return "外部签发机构返回的是签发机构的证书。";
    const char *of_end = end_objection(ch_cert_end(cert), i, now);
    if (of_end != NULL)
        return of_end;
    enum ch_trust trust = check_chain(cert, trusted, now);
    return trust == CH_TRUST_OK ? NULL : ch_trust_words(trust);
}

/* The certificate that came for an item, with the key that was stored for it. */
struct answer {
    EVP_PKEY *key;
    X509 *cert;
    struct ch_bytes key_file;
};

static enum ch_err refuse_answer(struct signer *s, struct ch_arena *a, const struct order *o, const struct order_item *i,
                                 const struct answer *n, X509 *issuer, const char *why, struct ch_fault *f)
{
    /* It is revoked there, but not if it is somebody else's or another authority's. */
    bool unwanted = n->cert != NULL && X509_check_private_key(n->cert, n->key) == 1 && ch_cert_verify(n->cert, issuer);

    ch_log(CH_ERROR, o->id, "%s: the answer for item %d is refused: %s", o->ca, i->number, why);
    enum ch_err e = ch_db_one(s->db, a, f,
                              CH_CALL(&signer_answer_refused, ch_p_text(o->id), ch_p_int(a, i->number), ch_p_text(why),
                                      unwanted ? ch_p_bytes(ch_cert_der(a, n->cert)) : ch_p_null()),
                              NULL);
    return e == CH_OK ? ch_fault(f, CH_E_CONFLICT, "the answer is not what was asked for") : e;
}

static struct ch_bytes tbs_sm3(struct ch_arena *a, X509 *cert)
{
    unsigned char *der = NULL, *out = ch_alloc(a, CH_SM3_BYTES);
    int n = i2d_re_X509_tbs(cert, &der);

    ch_sm3(CH_BYTES(der, n > 0 ? (size_t)n : 0), out);
    OPENSSL_free(der);
    return CH_BYTES(out, CH_SM3_BYTES);
}

/* The record of a signature, as for a certificate of our own. */
static struct ch_call issuing_call(struct ch_arena *a, const struct order *o, const struct order_item *i,
                                   const struct answer *n)
{
    unsigned char *spki = ch_alloc(a, CH_SHA256_BYTES);

    ch_sha256(ch_alg_public_der(a, n->key), spki);
    return order_keep_call(a, CH_CALL(&signer_issuing, ch_p_text(o->id), ch_p_int(a, i->number), ch_p_text("signature"),
                                      ch_p_text(ch_cert_serial(a, n->cert)), ch_p_text(o->ca), ch_p_text(ch_alg_of(n->key)),
                                      ch_p_text(i->profile->kind), ch_p_text(ch_rfc3339(a, ch_cert_start(n->cert))),
                                      ch_p_text(ch_rfc3339(a, ch_cert_end(n->cert))), ch_p_bytes(tbs_sm3(a, n->cert)),
                                      ch_p_bytes(CH_BYTES(spki, CH_SHA256_BYTES))));
}

static struct ch_call issued_call(struct ch_arena *a, const struct order *o, const struct answer *n)
{
    return order_keep_call(a, CH_CALL(&signer_issued, ch_p_text(o->id), ch_p_text(o->ca),
                                      ch_p_text(ch_cert_serial(a, n->cert)), ch_p_bytes(ch_cert_der(a, n->cert)),
                                      ch_p_bytes(n->key_file), ch_p_null(), ch_p_text(ch_cert_subject(a, n->cert))));
}

/* Records what will be issued or, with `done`, what was issued. The first item comes last, because the pages show the newest
 * certificate of an order. */
static enum ch_err record_certificates(struct signer *s, struct ch_arena *a, const struct order *o,
                                       const struct answer *answers, bool done, struct ch_fault *f)
{
    struct ch_call *calls = ch_alloc_array(a, o->n + 1, sizeof *calls);
    size_t n = 0;

    for (size_t i = o->n; i-- > 0;)
        calls[n++] = done ? issued_call(a, o, &answers[i]) : issuing_call(a, o, &o->items[i], &answers[i]);
    if (done)
        calls[n++] = order_keep_call(a, CH_CALL(&signer_produced, ch_p_text(o->id)));
    return ch_db_run(s->db, a, f, calls, n, ch_alloc_array(a, n, sizeof(struct ch_rows)));
}

static enum ch_err make_key_files(struct signer *s, struct ch_arena *a, const struct order *o, struct answer *answers,
                                  STACK_OF(X509) *trusted, struct ch_fault *f)
{
    const char *pin;
    enum ch_err e = record_certificates(s, a, o, answers, false, f);

    if (e == CH_OK)
        e = pin_open(s, a, o->id, "production", &pin, f);
    for (size_t i = 0; e == CH_OK && i < o->n; i++) {
        const struct key_entry entry = {answers[i].key, answers[i].cert, issue_name(a, answers[i].cert)};
        e = key_file_make(a, &entry, 1, trusted, pin, s->iterations, &answers[i].key_file, f);
    }
    return e == CH_OK ? record_certificates(s, a, o, answers, true, f) : e;
}

static enum ch_err check_answer(struct signer *s, struct ch_arena *a, const struct order *o, const struct order_item *i,
                                const struct answer *n, STACK_OF(X509) *trusted, struct ch_fault *f)
{
    X509 *named = draft_certificate(s, a, o, i, n->key, f);
    enum ch_err e;

    if (named == NULL)
        return request_failure(f, "name");
    const char *why = request_objection(n->cert, n->key, X509_get_subject_name(named), i, trusted, ch_now_ms() / 1000);
    X509_free(named);
    e = why == NULL ? CH_OK : refuse_answer(s, a, o, i, n, sk_X509_value(trusted, 0), why, f);
    ERR_clear_error();
    return e;
}

static enum ch_err finish_answers(struct signer *s, struct ch_arena *a, const struct order *o, struct answer *answers,
                                  struct ch_fault *f)
{
    struct ch_cmp ca;
    enum ch_err e = ch_cmp_read(a, f, o->ca, &ca);
    STACK_OF(X509) *trusted = e == CH_OK ? ch_cmp_trusted(a, &ca) : NULL;

    if (e == CH_OK && trusted == NULL)
        e = ch_fault(f, CH_E_INTERNAL, "%s: no certificates", ca.trusted);
    for (size_t i = 0; e == CH_OK && i < o->n; i++) {
        answers[i].key = decrypt_key(a, o->id, o->items[i].number, o->items[i].key_encrypted);
        answers[i].cert = ch_cert_read(o->items[i].answer);
        e = answers[i].key != NULL ? check_answer(s, a, o, &o->items[i], &answers[i], trusted, f)
                                   : ch_fault(f, CH_E_INTERNAL, "the key of the request does not open");
    }
    return e == CH_OK ? make_key_files(s, a, o, answers, trusted, f) : e;
}

enum ch_err request_finish(struct signer *s, struct ch_arena *a, const struct order *o, struct ch_fault *f)
{
    struct answer *answers = ch_alloc_array(a, o->n, sizeof *answers);

    memset(answers, 0, o->n * sizeof *answers);
    enum ch_err e = finish_answers(s, a, o, answers, f);
    for (size_t i = 0; i < o->n; i++) {
        X509_free(answers[i].cert);
        EVP_PKEY_free(answers[i].key);
    }
    return e;
}

/* ---- the certificates of the external CAs ---- */

static bool publish_certificate(struct signer *s, struct ch_arena *a, const struct ch_cmp *ca, X509 *cert)
{
    struct ch_fault f = {0};
    bool root = X509_NAME_cmp(X509_get_subject_name(cert), X509_get_issuer_name(cert)) == 0;
    enum ch_err e = ch_db_one(s->db, a, &f,
                              CH_CALL(&signer_publish, ch_p_text(ca->name), ch_p_text(ca->algorithm), ch_p_bool(true),
                                      ch_p_text(root ? "root" : "issuing"), ch_p_text(ch_cert_serial(a, cert)),
                                      ch_p_text(ch_cert_subject(a, cert)), ch_p_text(ch_rfc3339(a, ch_cert_start(cert))),
                                      ch_p_text(ch_rfc3339(a, ch_cert_end(cert))), ch_p_bytes(ch_cert_der(a, cert))),
                              NULL);
    if (e != CH_OK)
        ch_log(CH_ERROR, NULL, "publishing external authority %s: %s", ca->name, f.detail);
    return e == CH_OK;
}

static bool publish_authority(struct signer *s, struct ch_arena *a, const char *name)
{
    struct ch_fault f = {0};
    struct ch_cmp ca;
    STACK_OF(X509) *trusted = NULL;
    bool ok = true;

    if (ch_alg_known(name) || ch_cmp_read(a, &f, name, &ca) != CH_OK || (trusted = ch_cmp_trusted(a, &ca)) == NULL) {
        ch_log(CH_ERROR, NULL, "external authority %s is left out: %s", name,
               f.detail[0] != '\0' ? f.detail : "its name is one of our own, or its certificates cannot be read");
        return true;
    }
    for (int i = 0; ok && i < sk_X509_num(trusted); i++)
        ok = publish_certificate(s, a, &ca, sk_X509_value(trusted, i));
    return ok;
}

bool request_publish(struct signer *s)
{
    struct ch_arena *a = ch_arena_new();
    const char *const *names = ch_cmp_names(a);
    bool ok = true;

    for (size_t i = 0; ok && names[i] != NULL; i++)
        ok = publish_authority(s, a, names[i]);
    ch_arena_free(a);
    return ok;
}
