/* SPDX-License-Identifier: Apache-2.0
 * A certificate with its chain as the answer to a request. */
#ifndef CH_ORDER_CHAIN_H
#define CH_ORDER_CHAIN_H

#include "core/web/request.h"

/* Answers with `leaf` and what leads from it to a root as <name>.p7b. `above` are rows with a column "certificate":
 * those that its authority has (hall.ca_chain). */
enum ch_err ch_chain_reply(struct ch_req *r, struct ch_bytes leaf, const struct ch_rows *above,
                           const char *name) CH_MUST;

#endif
