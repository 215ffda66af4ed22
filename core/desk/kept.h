/* SPDX-License-Identifier: Apache-2.0
 * Acts (core/desk/act.h), and how the programs behind the back office check those that the database keeps. Such a program believes
 * no module: it writes the text anew from what it is about to do. */
#ifndef CH_DESK_KEPT_H
#define CH_DESK_KEPT_H

#include "core/db/db.h"
#include "core/passkey/roster.h"
#include "core/passkey/statement.h"

struct ch_act {
    const char *title;        /* what is done */
    const char *const *roles; /* whose keys sign it, ended by NULL */
    struct ch_rows facts; /* a row for each fact: label, value; besides, in a module: columns person, roster and after (hall.act_signer) */
    const struct ch_act_fact *typed; /* facts besides, in the person's own words */
    size_t n;
    /* in a module that carries it out (core/desk/act.h) */
    const void *work;           /* what it has worked out for that, or NULL */
    struct ch_param signed_act; /* for the function of the database that does the deed */
};

/* Whose keys sign acts. */
extern const char *const ch_act_reviewers[], *const ch_act_finance[];

/* An act without its facts of the database; n facts besides, which are copied into the arena. */
struct ch_act ch_act_new(struct ch_arena *a, const char *title, const char *const *roles,
                         const struct ch_act_fact *typed, size_t n);

/* The statement of the act; who does it, and when, is missing. */
struct ch_act_statement ch_act_statement_of(struct ch_arena *a, const struct ch_act *act);

/* The acts that are checked again, without their facts of the database. */
struct ch_act ch_act_revocation_asked(struct ch_arena *a, const char *note);
struct ch_act ch_act_revocation_confirmed(struct ch_arena *a, const char *note); /* note: of who has asked */
struct ch_act ch_act_refund_asked(struct ch_arena *a, const char *reason);
struct ch_act ch_act_refund_approved(struct ch_arena *a, const char *reason, const char *note); /* note NULL: none */
struct ch_act ch_act_paid_out_again(struct ch_arena *a, const char *name, const char *masked);  /* the account's */

/* The columns credential, client_data, authenticator_data, signature, leaves, place and path of a row. */
struct ch_signed ch_kept_signed(const struct ch_rows *rows, struct ch_arena *a, int row);

/* Checks the act that stands in the first row of its facts: besides the columns above staff and decided_at (in seconds), all NULL
 * when there is none. CH_E_INVALID, with the reason in the fault, when these facts were not signed by that member of staff. */
enum ch_err ch_kept_check(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *roster,
                          const struct ch_webauthn_site *site, const struct ch_act *act) CH_MUST;

#endif
