/* SPDX-License-Identifier: Apache-2.0
 * The signer, which alone holds the authority's keys: its wire form, and the client that the runner uses.
 *
 * One request a connection over the Unix socket of setting `signer`. All lengths are big endian.
 *   request   length (4) | operation (1) | payload      the length counts operation and payload, at most CH_CA_MAX
 *   reply     length (4) | status (1)    | ASCII text   the length counts status and text, at most CH_CA_MAX
 * Operations and their payloads are rows of ca.tbl: a UUID is 36 bytes of text in lower case, a name 1 to 16 of a-z0-9-. */
#ifndef CH_SIGNER_CA_H
#define CH_SIGNER_CA_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define CH_CA_MAX 256
#define CH_CA_HEAD 4
#define CH_CA_NAME_MAX 16

enum ch_ca_payload { CH_CA_NONE, CH_CA_UUID, CH_CA_NAME };

enum ch_ca_op {
#define CH_CA_OP(sym, number, word, payload, ms) sym = (number),
#include "core/signer/ca.tbl"
#undef CH_CA_OP
};

struct ch_ca_row {
    const char *word;
    enum ch_ca_payload payload;
    int timeout_ms;
};
/* The row of an operation; NULL for a number that is none. */
const struct ch_ca_row *ch_ca_row(int op) CH_MUST;
/* Whether `n` bytes of text are a payload of that kind. */
bool ch_ca_payload_ok(enum ch_ca_payload kind, const char *text, size_t n) CH_MUST;

enum ch_ca_status {
    CH_CA_DONE = 0,
    CH_CA_REFUSED = 1,     /* nothing of the kind is wanted for this order: asking again does not help */
    CH_CA_MALFORMED = 2,   /* no request of this protocol */
    CH_CA_UNAVAILABLE = 3, /* the database does not answer: ask again */
    CH_CA_FAILED = 4,      /* the signer's log says why */
};

/* Asks the signer; `subject` is the payload ("" for none). What is done twice is done once: asked again after a lost answer
 * it is CH_OK or CH_E_CONFLICT, never a second certificate, PIN or seal.
 * CH_E_CONFLICT for CH_CA_REFUSED, CH_E_UNAVAILABLE when the signer or its database does not answer (the work may have
 * been done: ask again, the database remembers), CH_E_INTERNAL otherwise. */
enum ch_err ch_ca_call(struct ch_arena *a, struct ch_fault *f, enum ch_ca_op op, const char *subject) CH_MUST;

#endif
