/* SPDX-License-Identifier: Apache-2.0
 * The signer's requests and replies as bytes; the wire form is core/signer/ca.h's. Pure: no sockets here. */
#ifndef SIGNER_PROTOCOL_H
#define SIGNER_PROTOCOL_H

#include "core/base/random.h"
#include "core/signer/ca.h"

#define REQUEST_MAX (CH_CA_HEAD + CH_CA_MAX)
#define REPLY_MAX (CH_CA_HEAD + CH_CA_MAX)

struct request {
    enum ch_ca_op op;
    char subject[CH_UUID_TEXT + 1]; /* the payload: a UUID in lower case, a name, or "" */
};

enum request_state {
    REQUEST_MORE,  /* not all of it is there yet */
    REQUEST_READY, /* *out is filled */
    REQUEST_BAD,   /* no request, whatever may still come */
};

/* Reads what has come so far. Never looks past in.n, never asks for more than REQUEST_MAX bytes. */
enum request_state request_parse(struct ch_bytes in, struct request *out) CH_MUST;

/* Writes a reply; text that is not printable ASCII, or too long, is cut there. Returns its length. */
size_t reply_write(unsigned char out[REPLY_MAX], enum ch_ca_status status, const char *text);

#endif
