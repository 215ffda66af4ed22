/* SPDX-License-Identifier: Apache-2.0
 * The protocol of the signer, the only program with the authority's keys, and the client that the runner uses.
 *
 * A connection to the Unix socket of the setting `signer` carries one request. All lengths are big endian.
 *   request   length (4) | operation (1) | payload      the length counts operation and payload, at most CH_CA_MAX
 *   reply     length (4) | status (1)    | ASCII text   the length counts status and text, at most CH_CA_MAX
 * Operations and their payloads are rows of ca.tbl. A UUID is 36 characters in lower case, a name 1 to 16 characters of a-z0-9-. */
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
    int timeout_ms; /* of the client */
};
/* The row of an operation; NULL for an unknown number. */
const struct ch_ca_row *ch_ca_row(int op) CH_MUST;
/* Whether the text of `n` bytes is a payload of that kind. */
bool ch_ca_payload_ok(enum ch_ca_payload kind, const char *text, size_t n) CH_MUST;

enum ch_ca_status {
    CH_CA_DONE = 0,
    CH_CA_REFUSED = 1,     /* the order does not want this: repeating the request does not help */
    CH_CA_MALFORMED = 2,   /* not a request of this protocol */
    CH_CA_UNAVAILABLE = 3, /* the database does not answer: repeat the request */
    CH_CA_FAILED = 4,      /* the cause is in the signer's log */
};

/* Sends a request; `subject` is the payload ("" for none). Requests are idempotent: one that is repeated after a lost answer
 * returns CH_OK or CH_E_CONFLICT, and never makes a second certificate, PIN or seal. CH_E_CONFLICT for CH_CA_REFUSED;
 * CH_E_UNAVAILABLE when the signer or its database does not answer (the work may have been done, so the request should be
 * repeated); CH_E_INTERNAL otherwise. */
enum ch_err ch_ca_call(struct ch_arena *a, struct ch_fault *f, enum ch_ca_op op, const char *subject) CH_MUST;

#endif
