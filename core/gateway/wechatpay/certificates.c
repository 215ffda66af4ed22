/* SPDX-License-Identifier: Apache-2.0
 * Reading WeChat Pay's platform certificates. */
#include "core/gateway/wechatpay/certificates.h"

#include "core/gateway/wechatpay/sign.h"
#include "core/json/json.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

static bool serial_is(const X509 *x, const char *serial)
{
    BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    char *hex = n != NULL ? BN_bn2hex(n) : NULL;
    bool same = hex != NULL && strcmp(hex, serial) == 0;

    OPENSSL_free(hex);
    BN_free(n);
    return same;
}

/* Seconds since 1970; -1 when the certificate's time cannot be read. */
static int64_t asn1_seconds(const ASN1_TIME *t)
{
    struct tm tm;
    return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : -1;
}

static bool is_valid(const struct ch_wechatpay_certificate *c, int64_t now)
{
    return c->begins >= 0 && c->begins <= now && now < c->ends;
}

/* Accepts a valid RSA certificate that carries the serial which the answer gives for it; its key then belongs to *out. */
static bool accept_certificate(const X509 *x, const char *serial, int64_t now, struct ch_wechatpay_certificate *out)
{
    EVP_PKEY *key = X509_get0_pubkey(x);

    *out = (struct ch_wechatpay_certificate){.begins = asn1_seconds(X509_get0_notBefore(x)),
                                             .ends = asn1_seconds(X509_get0_notAfter(x))};
    if (strlen(serial) >= sizeof out->serial || !serial_is(x, serial) || !is_valid(out, now) || key == NULL ||
        !EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_up_ref(key) != 1)
        return false;
    memcpy(out->serial, serial, strlen(serial) + 1);
    out->key = key;
    return true;
}

/* Decrypts one entry and adds it to the list if its certificate is acceptable. False when it cannot be decrypted or read. */
static bool read_entry(struct ch_arena *a, const struct ch_json *node, const char *v3key, int64_t now,
                       struct ch_wechatpay_certificates *out)
{
    const struct ch_json *encrypted = ch_json_get(node, "encrypt_certificate");
    const char *serial = ch_json_text(node, "serial_no"), *algorithm = ch_json_text(encrypted, "algorithm");
    const char *nonce = ch_json_text(encrypted, "nonce"), *aad = ch_json_text(encrypted, "associated_data");
    const char *ciphertext = ch_json_text(encrypted, "ciphertext");
    struct ch_bytes pem;

    if (serial == NULL || algorithm == NULL || strcmp(algorithm, "AEAD_AES_256_GCM") != 0 || nonce == NULL ||
        ciphertext == NULL || !ch_wechatpay_decrypt(a, v3key, nonce, aad != NULL ? aad : "", ciphertext, &pem))
        return false;
    BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *x = in != NULL ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    if (x == NULL)
        return false;
    if (accept_certificate(x, serial, now, &out->at[out->n]))
        out->n++;
    X509_free(x);
    return true;
}

bool ch_wechatpay_certificates_read(struct ch_arena *a, struct ch_bytes body, const char *v3key, int64_t now,
                                    struct ch_wechatpay_certificates *out)
{
    struct ch_json *root = NULL;

    out->n = 0;
    if (ch_json_parse(a, body, &root, NULL) != CH_JSON_OK)
        return false;
    const struct ch_json *data = ch_json_get(root, "data");
    if (data == NULL || data->kind != CH_JSON_ARRAY || data->count > CH_WECHATPAY_MAX_CERTIFICATES)
        return false;
    for (const struct ch_json *node = data->first; node != NULL; node = node->next)
        if (!read_entry(a, node, v3key, now, out)) {
            ch_wechatpay_certificates_free(out);
            return false;
        }
    return true;
}

void ch_wechatpay_certificates_free(struct ch_wechatpay_certificates *list)
{
    for (size_t i = 0; i < list->n; i++)
        EVP_PKEY_free(list->at[i].key);
    list->n = 0;
}

const struct ch_wechatpay_certificate *ch_wechatpay_certificate_of(const struct ch_wechatpay_certificates *list,
                                                                   const char *serial, int64_t now)
{
    const struct ch_wechatpay_certificate *best = NULL;

    for (size_t i = 0; i < list->n; i++) {
        const struct ch_wechatpay_certificate *c = &list->at[i];
        if (!is_valid(c, now) || (*serial != '\0' && strcmp(c->serial, serial) != 0))
            continue;
        if (best == NULL || c->begins > best->begins)
            best = c;
    }
    return best;
}
