/* SPDX-License-Identifier: Apache-2.0
 * SM2EnvelopedKey (GM/T 0009, GB/T 35276) carries the private key of an encryption pair into a token, which opens it with
 * the signature key that it has made itself.
 *
 *   SM2EnvelopedKey ::= SEQUENCE {
 *     symAlgID               AlgorithmIdentifier,   SM4-ECB, 1.2.156.10197.1.104.1
 *     symEncryptedKey        SM2Cipher,             a fresh SM4 key under the signature's public key
 *     sm2PublicKey           BIT STRING,            04 || X || Y of the encryption pair
 *     sm2EncryptedPrivateKey BIT STRING }           its private value, 32 bytes, under the SM4 key, without padding */
#ifndef CH_PKI_ENVELOPE_H
#define CH_PKI_ENVELOPE_H

#include "core/base/arena.h"

#include <openssl/evp.h>

/* Envelopes `pair` (an SM2 key with its private half) for the holder of `recipient` (an SM2 public key). False when one of them
 * is not an SM2 key, or `pair` has no private half. */
bool ch_envelope_make(struct ch_arena *a, EVP_PKEY *recipient, EVP_PKEY *pair, struct ch_bytes *der) CH_MUST;
/* Opens an envelope with the recipient's private key. NULL when that fails, when anything follows the envelope, or when the
 * private and the public half in it do not match. The caller frees the pair with EVP_PKEY_free. */
EVP_PKEY *ch_envelope_open(struct ch_bytes der, EVP_PKEY *recipient) CH_MUST;

#endif
