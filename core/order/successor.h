/* SPDX-License-Identifier: Apache-2.0
 * What kinds of business share that begin with a certificate and make another in its place (sql/code/successor.sql): finding it by its
 * serial number or among the account's own, the proof that somebody may ask for it, a draft that begins with its data, and fields that
 * stay as they are in it. The kind is the module's name. */
#ifndef CH_ORDER_SUCCESSOR_H
#define CH_ORDER_SUCCESSOR_H

#include "core/order/flow.h"

struct ch_successor_find_in {
    const char *serial;
};
struct ch_successor_create_in {
    struct ch_list agreements; /* of struct ch_flow_agreement_in, with the notices */
    const char *serial;        /* or: */
    struct ch_list certificates; /* of struct ch_successor_find_in, at least one; empty unless the module's body has such a member */
    const char *code; /* the unit's code, or the ID number of a natural person; NULL when the account made the old order */
    const char *holder_id;  /* of a holder's certificate: the holder's ID number, in addition to the unit's code */
    struct ch_list changes; /* of the module's own; empty unless its body has such a member */
};
extern const struct ch_input ch_successor_find_body, ch_successor_create_body; /* the first is also that of an element */

/* The routes: {module}.own, find, create, save. A module lists them before ch_flow_routes, of which the last two replace theirs, and
 * successor_statements besides those of the flow. A route of its own with the same operation, listed before, replaces one of these. */
extern const struct ch_route ch_successor_routes[];

ch_handler ch_successor_own, ch_successor_find, ch_successor_save; /* successor.c */
ch_handler ch_successor_create;                                    /* successor_create.c */

/* What ch_successor_create does, with a draft of that id, and one more call in its transaction unless `more` is NULL. */
enum ch_err ch_successor_draft(struct ch_req *r, const char *id, const struct ch_call *more) CH_MUST;

#endif
