/* SPDX-License-Identifier: Apache-2.0
 * Encrypts a few bytes to one reader's public key, so that nobody on the way can read them: an ephemeral key pair on P-256,
 * ECDH, HKDF-SHA256 (RFC 5869, no salt) and AES-256-GCM. A browser opens the box with WebCrypto.
 *
 * A box is the sender's ephemeral public key (65, uncompressed) | nonce (12) | cipher text | tag (16). HKDF's info and the
 * additional data are both "<purpose>|<sender>|<reader>", the latter two the SHA-256 of the public keys in lower-case hex. */
#ifndef CH_CRYPTO_BOX_H
#define CH_CRYPTO_BOX_H

#include "core/base/arena.h"

#define CH_BOX_KEY 65 /* bytes of a public key: an uncompressed point */

/* Encrypts to the public key `reader`; *box is the arena's. False when `reader` is not a point of the curve. */
bool ch_box_encrypt(struct ch_arena *a, struct ch_bytes reader, const char *purpose, struct ch_bytes plain,
                    struct ch_bytes *box) CH_MUST;
/* Opens a box with the private key `reader` (EVP_PKEY, P-256). *plain is a secret of the arena with a NUL behind it. */
bool ch_box_decrypt(struct ch_arena *a, void *reader, const char *purpose, struct ch_bytes box,
                    struct ch_bytes *plain) CH_MUST;

#endif
