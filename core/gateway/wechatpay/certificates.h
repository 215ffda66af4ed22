/* SPDX-License-Identifier: Apache-2.0
 * The platform certificates that WeChat publishes at GET /v3/certificates ("API v3: platform certificates"). Only the
 * adapter, its tests and its fuzz target include this. */
#ifndef CH_GATEWAY_WECHATPAY_CERTIFICATES_H
#define CH_GATEWAY_WECHATPAY_CERTIFICATES_H

#include "core/base/arena.h"

#include <openssl/evp.h>

/* WeChat publishes two while one is about to expire, and never more than a few. */
#define CH_WECHATPAY_MAX_CERTIFICATES 16

struct ch_wechatpay_certificate {
    char serial[48];      /* upper-case hex, as in the header Wechatpay-Serial */
    EVP_PKEY *key;        /* RSA; owned by the list */
    int64_t begins, ends; /* seconds since 1970 */
};

struct ch_wechatpay_certificates {
    struct ch_wechatpay_certificate at[CH_WECHATPAY_MAX_CERTIFICATES];
    size_t n;
};

/* Reads the answer's body: decrypts every certificate with the APIv3 key and keeps those that are valid at `now` and carry the
 * serial that the answer gives for them. False, with an empty list, when the body cannot be read or a certificate cannot be
 * decrypted. The caller frees the list with ch_wechatpay_certificates_free. */
bool ch_wechatpay_certificates_read(struct ch_arena *a, struct ch_bytes body, const char *v3key, int64_t now,
                                    struct ch_wechatpay_certificates *out) CH_MUST;
void ch_wechatpay_certificates_free(struct ch_wechatpay_certificates *list);

/* The certificate of a serial if it is valid at `now`; for an empty serial the valid one that began last. NULL: there is
 * none. */
const struct ch_wechatpay_certificate *ch_wechatpay_certificate_of(const struct ch_wechatpay_certificates *list,
                                                                   const char *serial, int64_t now) CH_MUST;

#endif
