/* SPDX-License-Identifier: Apache-2.0
 * Messages of CMB CloudDC without front-end software: sorted JSON, SM2 signature as r || s, SM4-CBC.
 * (China Merchants Bank, CloudDC interface document, "message format", algorithm SM.)
 *
 * Requests and answers have the same form, {"request"|"response":{head,body},"signature":{sigtim,sigdat}}. Pure functions,
 * used by the client and by the sandbox. */
#ifndef CH_GATEWAY_CMB_MESSAGE_H
#define CH_GATEWAY_CMB_MESSAGE_H

#include "core/json/json.h"

#include <openssl/evp.h>

#define CH_CMB_PLACEHOLDER "__signature_sigdat__"

/* The user id of signatures and the IV of the cipher: the UID padded with '0' to 16 characters, or cut to 16. */
void ch_cmb_padded_uid(const char *uid, char out[17]);

/* The node as JSON text with the keys of every object sorted by their bytes, arrays in order, no white space. */
char *ch_cmb_canonical(struct ch_arena *a, const struct ch_json *node);

/* Adds the signature to {"request":…} or {"response":…}; NULL when the key cannot be used. The result is sorted. */
char *ch_cmb_sign(struct ch_arena *a, EVP_PKEY *key, const char *uid, const char *message, const char *sigtim) CH_MUST;

/* True when `text` is a message signed by that key. Then *root is its tree, and *sigtim the time of the signature. */
bool ch_cmb_verify(struct ch_arena *a, EVP_PKEY *key, const char *uid, struct ch_bytes text, struct ch_json **root,
                   const char **sigtim) CH_MUST;

/* SM4-CBC under a key of 16 bytes, as base64. NULL or false when the key has another length or the text cannot be decrypted. */
char *ch_cmb_encrypt(struct ch_arena *a, const char *sm4_key, const char *uid, const char *text) CH_MUST;
bool ch_cmb_decrypt(struct ch_arena *a, const char *sm4_key, const char *uid, const char *base64,
                    struct ch_bytes *text) CH_MUST;

#endif
