/* SPDX-License-Identifier: Apache-2.0
 * What two people have decided about an order, checked against the certificates that are about to be made: nothing is issued
 * unless a reviewer and a producer, two different persons of the roster, have each signed the statement that the signer writes
 * itself. */
#ifndef SIGNER_DECISION_H
#define SIGNER_DECISION_H

#include "core/passkey/roster.h"
#include "programs/signer/order.h"

#include <stdio.h>

/* The roster in force (core/desk/anchor.h), which is kept for the next time. One that does not follow is an error
 * (CH_E_INVALID): somebody has written to the database past the command, so nothing is issued until an operator has looked. */
enum ch_err decision_roster(const struct signer *s, struct ch_arena *a, const struct ch_webauthn_site *site,
                            struct ch_roster *out, struct ch_fault *f) CH_MUST;

/* The producer's decision, by which the order's certificates are issued once. */
struct decision {
    const char *id; /* of its row; NULL: there is none */
    const char *statement;
    const char *person; /* id in the roster */
    int64_t time;       /* seconds */
};

/* Checks both decisions. CH_E_CONFLICT, with the reason in the fault's detail, when one is missing, is about anything else, or is
 * not signed by somebody who may: the database has been told that it is refused, and it can be made again. CH_E_INVALID when there
 * is no roster to check with. */
enum ch_err decision_check(struct signer *s, struct ch_arena *a, const struct order *o, struct decision *out,
                           struct ch_fault *f) CH_MUST;

/* Uses the decision for serial numbers, or for requests to an external authority. CH_E_CONFLICT when it was used for others
 * (used.h); the database has been told, as above. */
enum ch_err decision_use(struct signer *s, struct ch_arena *a, const struct order *o, const struct decision *d,
                         struct ch_bytes what, struct ch_fault *f) CH_MUST;

/* Takes in the first roster from `in`, and records its fingerprint in the folder's ceremony.txt. False after logging why, also when there is a
 * roster already: a later one comes through the database, signed. */
bool decision_anchor(const char *dir, FILE *in) CH_MUST;

#endif
