/* SPDX-License-Identifier: Apache-2.0
 * Decisions that are signed with a passkey: what is signed is offered to the page, and checked when it comes back. The module
 * refuses what does not verify, so that people learn of it at once; the signer, which decides in the end, believes none of this
 * and checks everything again (programs/signer/decision.h).
 *
 * A module that uses this lists decision_statements, and reads the folders of keys CH_KEYS_ORDER. */
#ifndef CH_DESK_DECISION_H
#define CH_DESK_DECISION_H

#include "core/passkey/statement.h"
#include "core/web/module.h"
#include "core/web/request.h"

/* What is decided. `request` belongs to the item `item`: SHA-256 in hex of the public key that a token has made; NULL: none. */
struct ch_decision_of {
    enum ch_decision what;
    const char *order; /* id */
    int64_t version;   /* of the order, as the caller has seen it */
    int64_t item;
    const char *request;
};

/* Offers the text to be signed now by the caller (core/desk/signing.h). CH_E_NOT_FOUND for an order that the caller does not see, CH_E_CONFLICT for
 * another version, or a caller without a key in the roster. */
enum ch_err ch_decision_offer(struct ch_req *r, const struct ch_decision_of *d) CH_MUST;

/* Reads the member "decision" of a body, checks that the caller has signed the statement, and makes the call that keeps the
 * decision, which is run before the one that carries it out. */
enum ch_err ch_decision_take(struct ch_req *r, const struct ch_decision_of *d, const struct ch_json *decision,
                             struct ch_call *keep) CH_MUST;

/* The tray: decisions of one kind that a person has laid aside (hall.tray), to sign them with one signature, that of the root of
 * their statements (core/passkey/tray.h). Their order is that of the orders' ids. The whole tray is signed, or nothing. */

/* Puts the decision onto the caller's tray, with a note (NULL: none). What would refuse it when it is signed refuses it now. */
enum ch_err ch_decision_put(struct ch_req *r, const struct ch_decision_of *d, const char *note) CH_MUST;

/* Replies with the caller's tray: {"items":[{"order","number","at","statement"}…],"time","challenge","credentials","rp_id"}. The
 * statement is null, and not among the leaves, where the order, its papers or its project have changed since. */
enum ch_err ch_decision_tray_offer(struct ch_req *r, enum ch_decision what) CH_MUST;

/* The body of a request that signs the tray. */
struct ch_decision_in {
    const struct ch_json *decision;
};
extern const struct ch_input ch_decision_body;

/* Makes the call that carries a decision out. */
typedef struct ch_call ch_decision_deed(struct ch_req *r, const char *order, int64_t version, const char *note);

/* Reads the member "decision" of a body, checks that the caller has signed the tray as it is now, and keeps and carries out each of
 * its decisions. */
enum ch_err ch_decision_tray_take(struct ch_req *r, enum ch_decision what, const struct ch_json *decision,
                                  ch_decision_deed *deed) CH_MUST;

#endif
