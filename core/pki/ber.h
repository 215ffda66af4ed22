/* SPDX-License-Identifier: Apache-2.0
 * BER (X.690) made definite: signers that write as they go leave lengths open and cut octet strings into pieces, which a
 * reader of DER (core/pki/der.h) refuses. */
#ifndef CH_PKI_BER_H
#define CH_PKI_BER_H

#include "core/base/arena.h"

/* Takes the element that *in begins with, and gives it with its open lengths closed and its cut octet strings joined;
 * everything without either stays as it is, byte by byte. False for what is no BER, is cut off, or lies deeper than 24
 * levels. *out points into *in when nothing had to be changed. */
bool ch_ber_definite(struct ch_arena *a, struct ch_bytes *in, struct ch_bytes *out) CH_MUST;

#endif
