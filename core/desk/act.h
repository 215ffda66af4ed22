/* SPDX-License-Identifier: Apache-2.0
 * Acts: what staff do that cannot be undone is done with a signature of their passkey under what is done, in words
 * (hall.act). An act is offered to the page, comes back signed, and goes into the database with the deed, in one statement.
 *
 * A module that uses this reads the folder of keys CH_KEYS_ACT. */
#ifndef CH_DESK_ACT_H
#define CH_DESK_ACT_H

#include "core/desk/kept.h"
#include "core/web/input.h"

/* A kind of act, which two routes of a module serve: one offers it, the other one takes it. Their handlers are a line each, and
 * the body of the second one is that of the first one with the signature besides:
 *
 *     static const struct ch_field odd_fields[] = {…, CH_IN_DECISION(struct finance_odd_in)};
 *     const struct ch_input finance_odd_asked = CH_INPUT_BUT_LAST(struct finance_odd_in, odd_fields);
 *     const struct ch_input finance_odd_body = CH_INPUT(struct finance_odd_in, odd_fields);
 *
 *     static const struct ch_act_kind odd = CH_ACT_KIND(struct finance_odd_in, read_odd, settle_odd); */
struct ch_act_kind {
    size_t decision; /* where the body has the signature */
    /* Reads what is to be signed, from the body and, as act->facts, from the database. */
    enum ch_err (*read)(struct ch_req *r, struct ch_act *act);
    /* Does it, by a function of the database to which act->signed_act is given, and replies. */
    enum ch_err (*carry_out)(struct ch_req *r, const struct ch_act *act);
};
#define CH_IN_DECISION(T) CH_IN_OBJECT(T, decision, CH_REQUIRED)
#define CH_ACT_KIND(T, read_, carry_out_) \
    { \
        offsetof(T, decision) + CH_MEMBER_IS(T, decision, const struct ch_json *), (read_), (carry_out_) \
    }

/* Offers the text to be signed now by the caller (core/desk/signing.h). */
enum ch_err ch_act_offer(struct ch_req *r, const struct ch_act_kind *kind) CH_MUST;

/* Checks that the caller has signed the act, and carries it out. */
enum ch_err ch_act_take(struct ch_req *r, const struct ch_act_kind *kind) CH_MUST;

#endif
