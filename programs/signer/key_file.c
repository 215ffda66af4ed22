/* SPDX-License-Identifier: Apache-2.0
 * Keys, certificates and chain as a PKCS#12 file. */
#include "programs/signer/key_file.h"

#include "core/pki/algorithm.h"

#include <openssl/pkcs12.h>

#define CIPHER NID_aes_256_cbc
#define SHA1_BYTES 20

typedef STACK_OF(PKCS12_SAFEBAG) bags;
typedef STACK_OF(PKCS7) safes;

/* Marks a bag with the fingerprint of the certificate. Key and certificate belong together if their bags have the same mark. */
static bool mark_bag(PKCS12_SAFEBAG *bag, const struct key_entry *e)
{
    unsigned char id[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    return bag != NULL && X509_digest(e->cert, EVP_sha1(), id, &n) == 1 && n == SHA1_BYTES &&
           PKCS12_add_localkeyid(bag, id, SHA1_BYTES) == 1 && PKCS12_add_friendlyname_utf8(bag, e->friendly, -1) == 1;
}

static bool add_certificates(bags **list, const struct key_entry *entries, size_t n, STACK_OF(X509) *chain)
{
    bool ok = true;

    for (size_t i = 0; ok && i < n; i++)
        ok = mark_bag(PKCS12_add_cert(list, entries[i].cert), &entries[i]);
    for (int i = 0; ok && i < sk_X509_num(chain); i++)
        ok = PKCS12_add_cert(list, sk_X509_value(chain, i)) != NULL;
    return ok;
}

static bool add_keys(bags **list, const struct key_entry *entries, size_t n, const char *pin, int iterations)
{
    bool ok = true;

    for (size_t i = 0; ok && i < n; i++)
        ok = mark_bag(PKCS12_add_key(list, entries[i].key, 0, iterations, CIPHER, pin), &entries[i]);
    return ok;
}

/* The certificates are in one encrypted safe; the keys, each of which is encrypted by itself, are in a plain one. The number of
 * rounds is also given for the MAC: 0 would mean 2048, and a weak MAC would make the PIN easier to guess. */
static PKCS12 *assemble(bags *certificates, bags *keys, const char *pin, int iterations)
{
    safes *all = NULL;
    PKCS12 *file = NULL;

    if (PKCS12_add_safe(&all, certificates, CIPHER, iterations, pin) == 1 && PKCS12_add_safe(&all, keys, -1, 0, NULL) == 1)
        file = PKCS12_add_safes(all, 0);
    sk_PKCS7_pop_free(all, PKCS7_free);
    if (file != NULL && PKCS12_set_mac(file, pin, -1, NULL, 0, iterations, EVP_sha256()) == 1)
        return file;
    PKCS12_free(file);
    return NULL;
}

enum ch_err key_file_make(struct ch_arena *a, const struct key_entry *entries, size_t n, STACK_OF(X509) *chain,
                          const char *pin, int iterations, struct ch_bytes *out, struct ch_fault *f)
{
    bags *certificates = NULL, *keys = NULL;
    unsigned char *der = NULL;
    int length = -1;

    if (add_certificates(&certificates, entries, n, chain) && add_keys(&keys, entries, n, pin, iterations)) {
        PKCS12 *file = assemble(certificates, keys, pin, iterations);
        length = file != NULL ? i2d_PKCS12(file, &der) : -1;
        PKCS12_free(file);
    }
    sk_PKCS12_SAFEBAG_pop_free(certificates, PKCS12_SAFEBAG_free);
    sk_PKCS12_SAFEBAG_pop_free(keys, PKCS12_SAFEBAG_free);
    if (length > 0)
        *out = ch_bytes_dup(a, CH_BYTES(der, (size_t)length));
    OPENSSL_free(der);
    return length > 0 ? CH_OK : ch_fault(f, CH_E_INTERNAL, "key file: %s", ch_openssl_reason());
}
