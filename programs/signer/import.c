/* SPDX-License-Identifier: Apache-2.0
 * Importing an existing authority: reading its files, checking them, and writing them to the signer's folder. */
#include "programs/signer/import.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/pki/certificate.h"
#include "programs/signer/keystore.h"
#include "programs/signer/token.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define CERT_MOST 65536

struct import {
    X509 *root, *ca;
    EVP_PKEY *key;
    bool in_token;
};

static X509 *read_cert(struct ch_arena *a, const char *path)
{
    char *text = ch_alloc(a, CERT_MOST);
    FILE *in = fopen(path, "re");
    size_t n = in != NULL ? fread(text, 1, CERT_MOST, in) : 0;
    BIO *pem = BIO_new_mem_buf(text, (int)n);
    X509 *cert = pem != NULL ? PEM_read_bio_X509(pem, NULL, NULL, NULL) : NULL;
    /* A certificate from PEM is read again from its DER, because ch_cert_read sets the SM2 id. */
    struct ch_bytes der = cert != NULL ? ch_cert_der(a, cert) : CH_BYTES(text, n);

    if (in != NULL)
        fclose(in);
    BIO_free(pem);
    X509_free(cert);
    return ch_cert_read(der);
}

/* OpenSSL's callback for a passphrase: the first line of the file, so that OpenSSL never asks on a terminal. */
static int passphrase_from_file(char *buf, int size, int rwflag, void *path)
{
    FILE *in = path != NULL ? fopen(path, "re") : NULL;
    bool ok = in != NULL && fgets(buf, size, in) != NULL;

    (void)rwflag;
    if (in != NULL)
        fclose(in);
    return ok ? (int)strcspn(buf, "\r\n") : -1;
}

static EVP_PKEY *read_key(const struct import_files *files)
{
    if (token_uri_ok(files->key))
        return token_key(files->key);
    BIO *in = BIO_new_file(files->key, "r");
    EVP_PKEY *key =
        in != NULL ? PEM_read_bio_PrivateKey(in, NULL, passphrase_from_file, (void *)(uintptr_t)files->passphrase) : NULL;
    BIO_free(in);
    ERR_clear_error();
    return key;
}

static bool is_ca(X509 *x)
{
    const uint32_t usage = KU_KEY_CERT_SIGN | KU_CRL_SIGN;

    return X509_check_ca(x) == 1 && (X509_get_key_usage(x) & usage) == usage;
}

static bool in_force(const X509 *x)
{
    int64_t now = ch_now_ms() / 1000;

    return now >= ch_cert_start(x) && now <= ch_cert_end(x);
}

/* What is wrong with the files; NULL when nothing is. */
static const char *import_fault(const struct import *i)
{
    if (i->root == NULL || i->ca == NULL)
        return "root or issuing certificate cannot be read";
    if (i->key == NULL)
        return "the issuing key cannot be read, or does not open";
    if (ch_alg_of(i->key) == NULL)
        return "the issuing key is neither SM2, nor RSA of 2048 bits or more, nor P-256";
    if (X509_check_private_key(i->ca, i->key) != 1)
        return "the issuing key is not that of its certificate";
    if (!ch_cert_verify(i->root, i->root))
        return "the root certificate is not signed by itself";
    if (X509_cmp(i->root, i->ca) == 0 || !ch_cert_verify(i->ca, i->root))
        return "the issuing certificate is not signed by the root";
    if (!is_ca(i->root) || !is_ca(i->ca))
        return "a certificate is not that of a CA which signs certificates and lists";
    if (X509_get_pathlen(i->root) == 0) /* it must allow one, the issuing CA, which needs none below it */
        return "the root allows no CA below it";
    if (!in_force(i->root) || !in_force(i->ca))
        return "a certificate is not in force";
    if (X509_get0_subject_key_id(i->ca) == NULL)
        return "the issuing certificate has no subject key identifier";
    return NULL;
}

/* True when the folder has nothing of that algorithm. */
static bool is_free(struct ch_arena *a, const char *dir, const char *algorithm)
{
    static const char *const roles[] = {"root", "ca", "ocsp", "seal", "evidence"};

    for (size_t k = 0; k < CH_COUNT(roles); k++) {
        const char *name = ch_printf(a, "%s-%s", roles[k], algorithm);
        if (keystore_has_key(a, dir, name) || keystore_has(a, dir, ch_printf(a, "%s.cer", name)))
            return false;
    }
    return true;
}

/* Writes the issuing certificate last, because the hierarchy counts as existing as soon as it is there. */
static bool write_hierarchy(struct ch_arena *a, const char *dir, const char *algorithm, const struct import *i,
                            const char *uri)
{
    const char *passphrase = keystore_passphrase(a, dir, true), *name = ch_printf(a, "ca-%s", algorithm);
    const char *record = ch_printf(a,
                                   "import, %s hierarchy\nwhen         %s\nroot         %s\n  sha256     %s\n"
                                   "issuing      %s\n  sha256     %s\n\n",
                                   algorithm, ch_rfc3339(a, ch_now_ms() / 1000), ch_cert_subject(a, i->root),
                                   ch_sha256_hex(a, ch_cert_der(a, i->root)), ch_cert_subject(a, i->ca),
                                   ch_sha256_hex(a, ch_cert_der(a, i->ca)));

    return passphrase != NULL && keystore_cert_write(a, dir, ch_printf(a, "root-%s.cer", algorithm), i->root) &&
           (i->in_token ? keystore_uri_write(a, dir, name, uri) : keystore_key_write(a, dir, name, passphrase, i->key)) &&
           keystore_cert_write(a, dir, ch_printf(a, "%s.cer", name), i->ca) && keystore_record(a, dir, record);
}

static enum ch_err import_checked(struct ch_arena *a, const char *dir, const struct import *i,
                                  const struct import_files *files, const char **algorithm, struct ch_fault *f)
{
    const char *fault = import_fault(i);

    if (fault != NULL)
        return ch_fault(f, CH_E_INVALID, "%s", fault);
    *algorithm = ch_alg_of(i->key);
    if (!is_free(a, dir, *algorithm))
        return ch_fault(f, CH_E_INVALID, "%s holds a %s hierarchy already", dir, *algorithm);
    return write_hierarchy(a, dir, *algorithm, i, files->key)
               ? CH_OK
               : ch_fault(f, CH_E_INTERNAL, "%s: not all could be written", dir);
}

enum ch_err hierarchy_import(const char *dir, const struct import_files *files, const char **algorithm, struct ch_fault *f)
{
    struct ch_arena *a = ch_arena_new();
    struct import i = {.root = read_cert(a, files->root),
                       .ca = read_cert(a, files->ca),
                       .key = read_key(files),
                       .in_token = token_uri_ok(files->key)};
    enum ch_err e = import_checked(a, dir, &i, files, algorithm, f);

    X509_free(i.root);
    X509_free(i.ca);
    EVP_PKEY_free(i.key);
    ch_arena_free(a);
    return e;
}
