/* SPDX-License-Identifier: Apache-2.0
 * Certification requests, enveloped keys, certificates in words, and external authorities by CMP. */
#include "tests/interop/client/client.h"

#include "core/base/codec.h"
#include "core/gateway/cmp/cmp.h"
#include "core/pki/certificate.h"
#include "core/pki/csr.h"
#include "core/pki/envelope.h"
#include "core/pki/words.h"

#include <openssl/pem.h>
#include <string.h>

static struct ch_bytes bytes(struct ch_arena *a, const struct ch_json *in, const char *key)
{
    struct ch_bytes b = {NULL, 0};
    return ch_unbase64(a, client_text(in, key, ""), &b) ? b : CH_BYTES(NULL, 0);
}

/* "text" as a person pastes it, or "base64" of a binary file. */
bool client_csr_read(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const char *text = ch_json_text(in, "text");
    struct ch_bytes b = text != NULL ? CH_BYTES(text, strlen(text)) : bytes(a, in, "base64");
    struct ch_csr csr;
    enum ch_err e = ch_csr_read(a, b, client_text(in, "algorithm", "sm2"), &csr, f);

    ch_jw_bool(out, "taken", e == CH_OK);
    if (e == CH_OK) {
        ch_jw_text(out, "algorithm", csr.algorithm);
        ch_jw_text(out, "public_sha256", ch_hex(a, CH_BYTES(csr.public_sha256, sizeof csr.public_sha256)));
    } else {
        ch_jw_text(out, "sentence", f->sentence);
        ch_jw_text(out, "pointer", f->pointer);
    }
    return true;
}

bool client_csr_make(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    EVP_PKEY *key = ch_alg_key(client_text(in, "algorithm", "sm2"));
    struct ch_bytes der;
    bool ok = key != NULL && ch_csr_make(a, key, NULL, &der);

    (void)f;
    if (ok)
        ch_jw_text(out, "csr", ch_base64(a, der));
    EVP_PKEY_free(key);
    return ok;
}

static EVP_PKEY *public_key(struct ch_bytes spki)
{
    const unsigned char *p = spki.p;
    return d2i_PUBKEY(NULL, &p, (long)spki.n);
}

/* Envelopes a fresh pair for the key "recipient" (SubjectPublicKeyInfo); "scalar" is its private value, to compare
 * with. */
bool client_envelope_make(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    EVP_PKEY *recipient = public_key(bytes(a, in, "recipient")), *pair = ch_alg_key("sm2");
    struct ch_bytes der;
    unsigned char scalar[32];
    BIGNUM *n = NULL;
    bool ok = recipient != NULL && ch_envelope_make(a, recipient, pair, &der) &&
              EVP_PKEY_get_bn_param(pair, "priv", &n) == 1 && BN_bn2binpad(n, scalar, sizeof scalar) == sizeof scalar;

    (void)f;
    if (ok) {
        ch_jw_text(out, "envelope", ch_hex(a, der));
        ch_jw_text(out, "scalar", ch_hex(a, CH_BYTES(scalar, sizeof scalar)));
    }
    BN_free(n);
    EVP_PKEY_free(recipient);
    EVP_PKEY_free(pair);
    return ok;
}

bool client_envelope_open(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_bytes key = bytes(a, in, "key"); /* PKCS#8 or SEC 1 */
    const unsigned char *p = key.p;
    EVP_PKEY *own = d2i_AutoPrivateKey(NULL, &p, (long)key.n);
    EVP_PKEY *pair = own != NULL ? ch_envelope_open(bytes(a, in, "envelope"), own) : NULL;

    (void)f;
    ch_jw_bool(out, "read", own != NULL);
    ch_jw_bool(out, "opened", pair != NULL);
    EVP_PKEY_free(pair);
    EVP_PKEY_free(own);
    return true;
}

bool client_words(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    X509 *cert = ch_cert_read(bytes(a, in, "certificate"));

    (void)f;
    if (cert == NULL)
        return false;
    ch_cert_words(a, out, "content", cert, client_int(in, "now", 0));
    X509_free(cert);
    return true;
}

/* A request for a fresh key, or for the one of "key" (PEM), until "end" in the place of the certificate "old" if there are, to the authority "ca" of the folder that setting `cmp`
 * names. */
static EVP_PKEY *key_for(const struct ch_json *in, const struct ch_cmp *ca)
{
    const char *pem = ch_json_text(in, "key");
    BIO *b = pem != NULL ? BIO_new_mem_buf(pem, -1) : NULL;
    EVP_PKEY *key = b != NULL ? PEM_read_bio_PrivateKey(b, NULL, NULL, NULL) : ch_alg_key(ca->algorithm);

    BIO_free(b);
    return key;
}

static X509_NAME *name_of(const struct ch_json *in)
{
    X509_NAME *name = X509_NAME_new();

    if (X509_NAME_add_entry_by_txt(name, "C", MBSTRING_UTF8, (const unsigned char *)"CN", -1, -1, 0) != 1 ||
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)client_text(in, "name", "张三"),
                                   -1, -1, 0) != 1) {
        X509_NAME_free(name);
        return NULL;
    }
    return name;
}

bool client_cmp_request(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_bytes csr, cert;
    struct ch_cmp ca;

    if (ch_cmp_read(a, f, client_text(in, "ca", ""), &ca) != CH_OK)
        return false;
    EVP_PKEY *key = key_for(in, &ca);
    X509_NAME *name = name_of(in);
    const struct ch_cmp_after after = {client_int(in, "end", 0), bytes(a, in, "old")};
    bool ok = key != NULL && ch_csr_make(a, key, name, &csr) &&
              ch_cmp_request(a, f, &ca, csr, after.end > 0 ? &after : NULL, &cert, &answer) == CH_OK;
    X509_NAME_free(name);
    EVP_PKEY_free(key);
    if (!ok)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "certificate", cert.p != NULL ? ch_base64(a, cert) : NULL);
    return true;
}

bool client_cmp_revoke(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_cmp ca;

    if (ch_cmp_read(a, f, client_text(in, "ca", ""), &ca) != CH_OK ||
        ch_cmp_revoke(a, f, &ca, bytes(a, in, "certificate"), (int)client_int(in, "reason", 4), &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}

bool client_cmp_ping(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_cmp ca;

    if (ch_cmp_read(a, f, client_text(in, "ca", ""), &ca) != CH_OK || ch_cmp_ping(a, f, &ca, &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}
