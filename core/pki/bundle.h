/* SPDX-License-Identifier: Apache-2.0
 * A certificate with those above it in one file: PKCS#7 SignedData without a signature (RFC 2315; "certs-only"),
 * .p7b. */
#ifndef CH_PKI_BUNDLE_H
#define CH_PKI_BUNDLE_H

#include "core/base/arena.h"

/* `leaf` and what leads from it to a root, picked out of `candidates` (all DER; what does not fit is left out). False
 * when the leaf is no certificate. */
bool ch_bundle(struct ch_arena *a, struct ch_bytes leaf, const struct ch_bytes *candidates, size_t n,
               struct ch_bytes *p7b) CH_MUST;

#endif
