/* SPDX-License-Identifier: Apache-2.0
 * Converts BER (X.690) to definite lengths. Signers that stream their output use indefinite lengths and split octet strings
 * into segments; the DER reader (core/pki/der.h) refuses both. */
#ifndef CH_PKI_BER_H
#define CH_PKI_BER_H

#include "core/base/arena.h"

/* Removes the first element from *in and returns it in *out with definite lengths and joined octet strings. Elements that
 * have neither indefinite lengths nor segments stay as they are, byte for byte. False for data that is not BER, is truncated,
 * or is nested more than 24 levels deep. *out points into *in when nothing had to be changed. */
bool ch_ber_definite(struct ch_arena *a, struct ch_bytes *in, struct ch_bytes *out) CH_MUST;

#endif
