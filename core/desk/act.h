/* SPDX-License-Identifier: Apache-2.0
 * Acts: what staff do that cannot be undone is done with a signature of their passkey under what is done, in words
 * (hall.act). An act is offered to the page, comes back signed, and goes into the database with the deed, in one statement.
 *
 * A module that uses this reads the folder of keys CH_KEYS_ACT. */
#ifndef CH_DESK_ACT_H
#define CH_DESK_ACT_H

#include "core/desk/kept.h"
#include "core/web/module.h"
#include "core/web/request.h"

/* Offers the text to be signed now by the caller (core/desk/signing.h). */
enum ch_err ch_act_offer(struct ch_req *r, const struct ch_act *act) CH_MUST;

/* Reads the member "decision" of a body, and checks that the caller has signed the act. *out is the parameter for the function of
 * the database that does the deed. */
enum ch_err ch_act_take(struct ch_req *r, const struct ch_act *act, const struct ch_json *decision,
                        struct ch_param *out) CH_MUST;

#endif
