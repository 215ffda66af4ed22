/* SPDX-License-Identifier: Apache-2.0
 * What WeChat Pay API v3 signs and encrypts. */
#include "core/gateway/wechatpay/sign.h"

#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/crypto/cipher.h"
#include "core/crypto/sign.h"

#include <stdlib.h>
#include <string.h>

char *ch_wechatpay_request_text(struct ch_arena *a, const char *method, const char *target, const char *timestamp,
                                const char *nonce, struct ch_bytes body)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_printf(&b, "%s\n%s\n%s\n%s\n", method, target, timestamp, nonce);
    ch_buf_add(&b, body.p, body.n);
    ch_buf_putc(&b, '\n');
    return b.p;
}

char *ch_wechatpay_answer_text(struct ch_arena *a, const char *timestamp, const char *nonce, struct ch_bytes body)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_printf(&b, "%s\n%s\n", timestamp, nonce);
    ch_buf_add(&b, body.p, body.n);
    ch_buf_putc(&b, '\n');
    return b.p;
}

char *ch_wechatpay_pay_text(struct ch_arena *a, const char *appid, const char *timestamp, const char *nonce,
                            const char *package)
{
    return ch_printf(a, "%s\n%s\n%s\n%s\n", appid, timestamp, nonce, package);
}

char *ch_wechatpay_sign(struct ch_arena *a, EVP_PKEY *key, const char *text)
{
    struct ch_bytes sig;
    return ch_sign(a, key, NULL, CH_BYTES(text, strlen(text)), &sig) ? ch_base64(a, sig) : NULL;
}

bool ch_wechatpay_verify(struct ch_arena *a, EVP_PKEY *key, const char *text, const char *signature)
{
    struct ch_bytes sig;
    /* WeChat's probes begin with "WECHATPAY/SIGNTEST/". They look like base64 and never verify, as intended. */
    return EVP_PKEY_is_a(key, "RSA") && ch_unbase64(a, signature, &sig) &&
           ch_verify(key, NULL, CH_BYTES(text, strlen(text)), sig);
}

char *ch_wechatpay_authorization(struct ch_arena *a, const struct ch_wechatpay_credential *c)
{
    return ch_printf(a, CH_WECHATPAY_SCHEME " mchid=\"%s\",nonce_str=\"%s\",timestamp=\"%s\",serial_no=\"%s\",signature=\"%s\"",
                     c->mchid, c->nonce, c->timestamp, c->serial, c->signature);
}

/* Reads the `name="value"` at *s into the member of that name and moves *s behind it. */
static bool read_credential_pair(struct ch_arena *a, const char **s, struct ch_wechatpay_credential *out)
{
    const struct {
        const char *name;
        const char **member;
    } pairs[] = {
        {"mchid", &out->mchid},      {"nonce_str", &out->nonce},     {"timestamp", &out->timestamp},
        {"serial_no", &out->serial}, {"signature", &out->signature},
    };
    size_t len = strcspn(*s, "=");

    for (size_t i = 0; i < CH_COUNT(pairs); i++) {
        if (strlen(pairs[i].name) != len || memcmp(*s, pairs[i].name, len) != 0)
            continue;
        const char *v = *s + len + (*(*s + len) != '\0');
        const char *end = *v == '"' ? strchr(v + 1, '"') : NULL;
        if (end == NULL || *pairs[i].member != NULL)
            return false;
        *pairs[i].member = ch_strndup(a, v + 1, (size_t)(end - v - 1));
        *s = end + 1;
        return true;
    }
    return false;
}

bool ch_wechatpay_read_authorization(struct ch_arena *a, const char *value, struct ch_wechatpay_credential *out)
{
    static const char scheme[] = CH_WECHATPAY_SCHEME " ";

    *out = (struct ch_wechatpay_credential){0};
    if (strncmp(value, scheme, sizeof scheme - 1) != 0)
        return false;
    for (const char *s = value + sizeof scheme - 1; *s != '\0';) {
        s += strspn(s, " ");
        if (!read_credential_pair(a, &s, out))
            return false;
        s += strspn(s, " ");
        if (*s == ',')
            s++;
        else if (*s != '\0')
            return false;
    }
    return out->mchid != NULL && out->nonce != NULL && out->timestamp != NULL && out->serial != NULL &&
           out->signature != NULL;
}

bool ch_wechatpay_in_time(const char *timestamp, int64_t now)
{
    size_t n = strspn(timestamp, "0123456789");

    if (n == 0 || n > 12 || timestamp[n] != '\0')
        return false;
    int64_t off = now - strtoll(timestamp, NULL, 10);
    return off > -CH_WECHATPAY_WINDOW && off < CH_WECHATPAY_WINDOW;
}

char *ch_wechatpay_encrypt(struct ch_arena *a, const char *v3key, const char *nonce, const char *aad, struct ch_bytes plain)
{
    if (strlen(v3key) != CH_WECHATPAY_V3KEY || strlen(nonce) != CH_GCM_NONCE)
        return NULL;
    return ch_base64(a, ch_gcm_encrypt(a, (const unsigned char *)v3key, (const unsigned char *)nonce,
                                       CH_BYTES(aad, strlen(aad)), plain));
}

bool ch_wechatpay_decrypt(struct ch_arena *a, const char *v3key, const char *nonce, const char *aad,
                          const char *ciphertext, struct ch_bytes *plain)
{
    struct ch_bytes encrypted;

    return strlen(v3key) == CH_WECHATPAY_V3KEY && strlen(nonce) == CH_GCM_NONCE && ch_unbase64(a, ciphertext, &encrypted) &&
           ch_gcm_decrypt(a, (const unsigned char *)v3key, (const unsigned char *)nonce, CH_BYTES(aad, strlen(aad)),
                          encrypted, plain);
}
