/* SPDX-License-Identifier: Apache-2.0
 * Replies with a certificate and its chain. */
#ifndef CH_ORDER_CHAIN_H
#define CH_ORDER_CHAIN_H

#include "core/web/request.h"

/* Replies with `leaf` (DER) and its chain up to a root as the file <name>.p7b. `above` has the certificates of the authority
 * in its column "certificate" (hall.ca_chain). */
enum ch_err ch_chain_reply(struct ch_req *r, struct ch_bytes leaf, const struct ch_rows *above, const char *name) CH_MUST;

#endif
