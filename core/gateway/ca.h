/* SPDX-License-Identifier: Apache-2.0
 * The signer, which alone holds the authority's keys: its wire form, and the client that the runner uses.
 *
 * One request a connection over the Unix socket of setting `signer`. All lengths are big endian.
 *   request   length (4) | operation (1) | payload      the length counts operation and payload, at most CH_CA_MAX
 *   reply     length (4) | status (1)    | ASCII text   the length counts status and text, at most CH_CA_MAX
 * The payload of PIN and ISSUE is the order's id as text (36 bytes), that of PING is empty. */
#ifndef CH_GATEWAY_CA_H
#define CH_GATEWAY_CA_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define CH_CA_MAX 256
#define CH_CA_HEAD 4

enum ch_ca_op { CH_CA_PIN = 1, CH_CA_ISSUE = 2, CH_CA_PING = 3 };

enum ch_ca_status {
    CH_CA_DONE = 0,
    CH_CA_REFUSED = 1,     /* nothing of the kind is wanted for this order: asking again does not help */
    CH_CA_MALFORMED = 2,   /* no request of this protocol */
    CH_CA_UNAVAILABLE = 3, /* the database does not answer: ask again */
    CH_CA_FAILED = 4,      /* the signer's log says why */
};

/* Makes and stores the PIN that the order wants. Asked again after it is made, CH_OK.
 * Here and below: CH_E_CONFLICT for CH_CA_REFUSED, CH_E_UNAVAILABLE when the signer or its database does not answer
 * (the work may have been done: ask again, the database remembers), CH_E_INTERNAL otherwise. */
enum ch_err ch_ca_pin(struct ch_arena *a, struct ch_fault *f, const char *order_id) CH_MUST;
/* Issues the certificate that the order asks for, which advances the order. Asked again after that, CH_E_CONFLICT: the
 * caller takes an order that has its certificate for done. Takes seconds (the key file's password hashing). */
enum ch_err ch_ca_issue(struct ch_arena *a, struct ch_fault *f, const char *order_id) CH_MUST;
/* CH_OK when the signer answers. */
enum ch_err ch_ca_ping(struct ch_arena *a, struct ch_fault *f) CH_MUST;

#endif
