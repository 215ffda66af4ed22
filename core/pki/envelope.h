/* SPDX-License-Identifier: Apache-2.0
 * SM2EnvelopedKey (GM/T 0009, GB/T 35276): the private key of an encryption pair on its way into a token, which opens
 * it with the signature key that it has made itself.
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

/* Envelopes `pair` (SM2, with its private half) for the holder of `recipient` (SM2). False when one of them is no SM2
 * key or has not got what it takes. */
bool ch_envelope_make(struct ch_arena *a, EVP_PKEY *recipient, EVP_PKEY *pair, struct ch_bytes *der) CH_MUST;
/* The pair, opened with the private half of the recipient; NULL when it does not open, when anything stands behind it,
 * or when private and public half do not belong together. Freed with EVP_PKEY_free. */
EVP_PKEY *ch_envelope_open(struct ch_bytes der, EVP_PKEY *recipient) CH_MUST;

#endif
