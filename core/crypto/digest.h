/* SPDX-License-Identifier: Apache-2.0
 * Digests and message authentication codes (OpenSSL; algorithms are fetched once in a process). */
#ifndef CH_CRYPTO_DIGEST_H
#define CH_CRYPTO_DIGEST_H

#include "core/base/arena.h"

#define CH_SHA256_BYTES 32
#define CH_SM3_BYTES 32

void ch_sha256(struct ch_bytes in, unsigned char out[CH_SHA256_BYTES]);
void ch_sm3(struct ch_bytes in, unsigned char out[CH_SM3_BYTES]);
void ch_hmac_sha256(struct ch_bytes key, struct ch_bytes in, unsigned char out[CH_SHA256_BYTES]);
/* SHA-256, owned by the arena; the same as lower-case hex. */
struct ch_bytes ch_sha256_of(struct ch_arena *a, struct ch_bytes in);
char *ch_sha256_hex(struct ch_arena *a, struct ch_bytes in);
/* HKDF-SHA256 (RFC 5869) without salt: derives a key of `n` bytes for one purpose. */
void ch_hkdf(struct ch_bytes secret, const char *purpose, unsigned char *out, size_t n);
/* Legacy algorithms that vendors demand for their signatures (SF and JD: MD5, Nuonuo: HMAC-SHA1). The hall's own security never
 * depends on them. */
#define CH_MD5_BYTES 16
#define CH_SHA1_BYTES 20
void ch_legacy_md5(struct ch_bytes in, unsigned char out[CH_MD5_BYTES]);
void ch_legacy_hmac_sha1(struct ch_bytes key, struct ch_bytes in, unsigned char out[CH_SHA1_BYTES]);

/* Whether two values are equal, compared in constant time; false for different lengths. */
bool ch_same(struct ch_bytes x, struct ch_bytes y) CH_MUST;

#endif
