/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay API v3, the scheme WECHATPAY2-SHA256-RSA2048: the text that is signed, and the format of the result.
 * (pay.weixin.qq.com, "API v3: how to sign", "how to verify", "how to decrypt notifications".)
 *
 * Pure functions, used by the client and by the sandbox. */
#ifndef CH_GATEWAY_WECHATPAY_SIGN_H
#define CH_GATEWAY_WECHATPAY_SIGN_H

#include "core/base/arena.h"

#include <openssl/evp.h>

#define CH_WECHATPAY_SCHEME "WECHATPAY2-SHA256-RSA2048"
#define CH_WECHATPAY_WINDOW 300 /* seconds by which a time stamp may differ from ours */
#define CH_WECHATPAY_V3KEY 32   /* bytes of the APIv3 key */

/* The signed text of a request: five lines, each ended by LF: method, target (path and query as sent), time, nonce, body. */
char *ch_wechatpay_request_text(struct ch_arena *a, const char *method, const char *target, const char *timestamp,
                                const char *nonce, struct ch_bytes body);
/* The signed text of an answer or a notification: three lines: time, nonce, body. */
char *ch_wechatpay_answer_text(struct ch_arena *a, const char *timestamp, const char *nonce, struct ch_bytes body);

/* The signed text of what a page hands to WeChat's app: four lines: appid, time, nonce, "prepay_id=…". */
char *ch_wechatpay_pay_text(struct ch_arena *a, const char *appid, const char *timestamp, const char *nonce,
                            const char *package);

/* The signature of the text as base64; NULL when the key cannot be used. */
char *ch_wechatpay_sign(struct ch_arena *a, EVP_PKEY *key, const char *text) CH_MUST;
bool ch_wechatpay_verify(struct ch_arena *a, EVP_PKEY *key, const char *text, const char *signature) CH_MUST;

/* The parts of the Authorization header, and its value. */
struct ch_wechatpay_credential {
    const char *mchid, *nonce, *timestamp, *serial, *signature;
};
char *ch_wechatpay_authorization(struct ch_arena *a, const struct ch_wechatpay_credential *c);
/* Reads such a value: all five pairs in any order, each exactly once, and nothing else. */
bool ch_wechatpay_read_authorization(struct ch_arena *a, const char *value, struct ch_wechatpay_credential *out) CH_MUST;

/* True when the decimal seconds are within CH_WECHATPAY_WINDOW of `now`. */
bool ch_wechatpay_in_time(const char *timestamp, int64_t now) CH_MUST;

/* A resource encrypted by AEAD_AES_256_GCM: base64 of cipher text and tag. The nonce has 12 bytes, the key 32. NULL or false
 * when key or nonce have another length, or the resource cannot be decrypted. */
char *ch_wechatpay_encrypt(struct ch_arena *a, const char *v3key, const char *nonce, const char *aad, struct ch_bytes plain);
bool ch_wechatpay_decrypt(struct ch_arena *a, const char *v3key, const char *nonce, const char *aad,
                          const char *ciphertext, struct ch_bytes *plain) CH_MUST;

#endif
