/* SPDX-License-Identifier: Apache-2.0
 * Symmetric ciphers: AES-256-GCM (ours and WeChat's), SM4-CBC (CMB's). */
#ifndef CH_CRYPTO_CIPHER_H
#define CH_CRYPTO_CIPHER_H

#include "core/base/arena.h"

#define CH_GCM_NONCE 12
#define CH_GCM_TAG 16
#define CH_AES_KEY 32
#define CH_SM4_KEY 16

/* Cipher text with the tag behind it; the caller never uses a nonce twice with one key. */
struct ch_bytes ch_gcm_encrypt(struct ch_arena *a, const unsigned char key[CH_AES_KEY],
                               const unsigned char nonce[CH_GCM_NONCE], struct ch_bytes aad, struct ch_bytes plain);
/* False, and nothing handed out, when the tag does not fit. What is opened is a secret of the arena with a NUL behind
 * its length; so with SM4. */
bool ch_gcm_decrypt(struct ch_arena *a, const unsigned char key[CH_AES_KEY], const unsigned char nonce[CH_GCM_NONCE],
                    struct ch_bytes aad, struct ch_bytes encrypted, struct ch_bytes *plain) CH_MUST;

/* The same under a fresh random nonce that stands in front: nonce | cipher text | tag. Fit for 2^32 uses of a key. */
#define CH_GCM_EXTRA (CH_GCM_NONCE + CH_GCM_TAG)
struct ch_bytes ch_gcm_pack(struct ch_arena *a, const unsigned char key[CH_AES_KEY], struct ch_bytes aad,
                            struct ch_bytes plain);
bool ch_gcm_unpack(struct ch_arena *a, const unsigned char key[CH_AES_KEY], struct ch_bytes aad, struct ch_bytes packed,
                   struct ch_bytes *plain) CH_MUST;

/* SM4-CBC with PKCS#7 padding. */
struct ch_bytes ch_sm4_cbc_encrypt(struct ch_arena *a, const unsigned char key[CH_SM4_KEY],
                                   const unsigned char iv[CH_SM4_KEY], struct ch_bytes plain);
bool ch_sm4_cbc_decrypt(struct ch_arena *a, const unsigned char key[CH_SM4_KEY], const unsigned char iv[CH_SM4_KEY],
                        struct ch_bytes encrypted, struct ch_bytes *plain) CH_MUST;

#endif
