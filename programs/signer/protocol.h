/* SPDX-License-Identifier: Apache-2.0
 * Parsing the signer's requests and writing its replies. core/signer/ca.h defines their form. These functions do no input or
 * output. */
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
    REQUEST_MORE,  /* more bytes are needed */
    REQUEST_READY, /* *out is filled */
    REQUEST_BAD,   /* not a request, whatever bytes may follow */
};

/* Parses the bytes that have arrived so far. It never reads past in.n, and never asks for more than REQUEST_MAX bytes. */
enum request_state request_parse(struct ch_bytes in, struct request *out) CH_MUST;

/* Writes a reply and returns its length. The text ends at the first character that is not printable ASCII, or when it is too
 * long. */
size_t reply_write(unsigned char out[REPLY_MAX], enum ch_ca_status status, const char *text);

#endif
