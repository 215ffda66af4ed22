/* SPDX-License-Identifier: Apache-2.0
 * The roster as a program knows it that does not believe the database. The signer was given the first one at the key ceremony, and
 * keeps the newest that it has followed in a folder of its own (setting roster), which others may read. From there a program follows
 * what the database has behind it, step by step, each signed by those of the roster before (core/passkey/roster.h). */
#ifndef CH_DESK_ANCHOR_H
#define CH_DESK_ANCHOR_H

#include "core/db/db.h"
#include "core/passkey/roster.h"

#define CH_ANCHOR_FILE "roster.json" /* in the folder of setting roster */

/* Reads the roster of the folder. CH_E_INVALID when there is none, or none that can be read. */
enum ch_err ch_anchor_read(struct ch_arena *a, struct ch_fault *f, struct ch_roster *out) CH_MUST;

/* Follows later rosters, a row each with the columns text and signatures, in the order of their versions. CH_E_INVALID when one does
 * not follow: somebody has written to the database past the command. `now` is then the last one that did. */
enum ch_err ch_anchor_follow(struct ch_arena *a, struct ch_fault *f, const struct ch_webauthn_site *site,
                             const struct ch_rows *rows, struct ch_roster *now) CH_MUST;

#endif
