/* SPDX-License-Identifier: Apache-2.0
 * A certificate and its chain in one .p7b file: PKCS#7 SignedData without a signature (RFC 2315; "certs-only"). */
#ifndef CH_PKI_BUNDLE_H
#define CH_PKI_BUNDLE_H

#include "core/base/arena.h"

/* Writes `leaf` and the certificates of its chain up to a root, which are picked from the `n` candidates. All are DER;
 * candidates that do not belong to the chain are left out. False when the leaf is not a certificate. *p7b is the arena's. */
bool ch_bundle(struct ch_arena *a, struct ch_bytes leaf, const struct ch_bytes *candidates, size_t n,
               struct ch_bytes *p7b) CH_MUST;

#endif
