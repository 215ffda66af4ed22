/* SPDX-License-Identifier: Apache-2.0
 * Symmetric ciphers: AES-256-GCM (the hall's own data and WeChat Pay), SM4-CBC (CMB). */
#ifndef CH_CRYPTO_CIPHER_H
#define CH_CRYPTO_CIPHER_H

#include "core/base/arena.h"

#define CH_GCM_NONCE 12
#define CH_GCM_TAG 16
#define CH_AES_KEY 32
#define CH_SM4_KEY 16

/* Returns the cipher text followed by the tag. The caller must never use a nonce twice with one key. Encryption cannot fail:
 * when memory runs out, the process ends. */
struct ch_bytes ch_gcm_encrypt(struct ch_arena *a, const unsigned char key[CH_AES_KEY],
                               const unsigned char nonce[CH_GCM_NONCE], struct ch_bytes aad, struct ch_bytes plain);
/* False when the tag does not verify. *plain is a secret of the arena with a NUL behind it, as in the other functions that
 * decrypt. */
bool ch_gcm_decrypt(struct ch_arena *a, const unsigned char key[CH_AES_KEY], const unsigned char nonce[CH_GCM_NONCE],
                    struct ch_bytes aad, struct ch_bytes encrypted, struct ch_bytes *plain) CH_MUST;

/* The same with a random nonce in front: nonce | cipher text | tag. A key may be used 2^32 times (NIST SP 800-38D, 8.3). */
#define CH_GCM_EXTRA (CH_GCM_NONCE + CH_GCM_TAG) /* bytes added to the plain text */
struct ch_bytes ch_gcm_pack(struct ch_arena *a, const unsigned char key[CH_AES_KEY], struct ch_bytes aad,
                            struct ch_bytes plain);
bool ch_gcm_unpack(struct ch_arena *a, const unsigned char key[CH_AES_KEY], struct ch_bytes aad, struct ch_bytes packed,
                   struct ch_bytes *plain) CH_MUST;

/* SM4-CBC with PKCS#7 padding, which authenticates nothing. False for a wrong length or padding. */
struct ch_bytes ch_sm4_cbc_encrypt(struct ch_arena *a, const unsigned char key[CH_SM4_KEY],
                                   const unsigned char iv[CH_SM4_KEY], struct ch_bytes plain);
bool ch_sm4_cbc_decrypt(struct ch_arena *a, const unsigned char key[CH_SM4_KEY], const unsigned char iv[CH_SM4_KEY],
                        struct ch_bytes encrypted, struct ch_bytes *plain) CH_MUST;

#endif
