/* SPDX-License-Identifier: Apache-2.0
 * What the decisions about an order (core/desk/decision.h) and the acts (core/desk/act.h) have in common: a statement is offered to
 * the page, and checked when it comes back signed with a passkey of the caller. The module refuses what does not verify, so that
 * people learn of it at once. */
#ifndef CH_DESK_SIGNING_H
#define CH_DESK_SIGNING_H

#include "core/passkey/roster.h"
#include "core/passkey/tray.h"
#include "core/web/request.h"

/* Who may sign now. */
struct ch_signing {
    struct ch_roster roster;
    const struct ch_roster_key *mine; /* a key of the caller */
    int64_t after;                    /* the last statement about the same was signed at that second; 0: none was */
};

/* A signature as it came from the page, with the time that its statement tells. */
struct ch_signature {
    struct ch_signed given;
    const char *time;
};

/* Reads the columns person, roster and after of the first row. CH_E_CONFLICT when the caller has no key in the roster. */
enum ch_err ch_signing_open(struct ch_req *r, const struct ch_rows *rows, struct ch_signing *out) CH_MUST;

/* The time of a statement that is offered now. No two statements about the same are of one second, since each is used once, and
 * must not be taken for one that was signed before. */
const char *ch_signing_time(struct ch_req *r, const struct ch_signing *s);

/* Writes the members "time", "challenge", "credentials" and "rp_id" of an offer: what navigator.credentials.get() needs to sign the
 * root of a tray. Without one (NULL) the challenge is null, as there is nothing to sign. */
void ch_signing_write_offer(struct ch_jw *w, struct ch_req *r, const struct ch_signing *s, const char *time,
                            const ch_tray_hash root);

/* Replies with {"statement","time","challenge","credentials","rp_id"}: the text to be signed, its time, and what
 * navigator.credentials.get() needs to sign it. */
enum ch_err ch_signing_offer(struct ch_req *r, const struct ch_signing *s, const char *time, const char *text) CH_MUST;

/* Reads the member "decision" of a body: {"time","credential","client_data","authenticator_data","signature"}, and "leaves", "at"
 * and "path" of a statement that was signed on a tray with others. What is wrong is noted with ch_wrong, at "/decision". */
enum ch_err ch_signing_read(struct ch_req *r, const struct ch_json *decision, struct ch_signature *out) CH_MUST;

/* Checks that the caller has signed the text, by a key with one of the roles. Otherwise as ch_signing_read. */
enum ch_err ch_signing_check(struct ch_req *r, const struct ch_signing *s, const char *const *roles, const char *text,
                             const struct ch_signature *given) CH_MUST;

/* Writes the members of the signature under the names of the database's columns. */
void ch_signing_write(struct ch_jw *w, struct ch_arena *a, const struct ch_signature *given);

#endif
