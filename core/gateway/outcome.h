/* SPDX-License-Identifier: Apache-2.0
 * How a vendor took what it was asked. Every adapter tells these three apart.
 *
 * A function of an adapter returns CH_OK whenever `outcome` is to be believed, CH_UNKNOWN included; any other value
 * means that the hall itself is not set up for the call (a key missing), and nothing was sent. */
#ifndef CH_GATEWAY_OUTCOME_H
#define CH_GATEWAY_OUTCOME_H

#include "core/base/arena.h"
#include "core/base/error.h"

enum ch_outcome {
    CH_UNKNOWN = 0, /* no answer, or one that cannot be trusted or says "later": ask again, with the same number */
    CH_ACCEPTED,    /* the vendor has taken it */
    CH_REFUSED,     /* the vendor says no, and would say so again */
};

struct ch_answer {
    enum ch_outcome outcome;
    const char *code;       /* the vendor's own word ("OUT_TRADE_NO_USED"), or ours in lower case ("no_answer") */
    const char *message;    /* the vendor's sentence, or "" */
    const char *request_id; /* the vendor's id of the request, for talks with its support, or "" */
};

/* Settled by us, not by the vendor: nothing came, or it could not be read. */
#define CH_NO_ANSWER(why) ((struct ch_answer){CH_UNKNOWN, "no_answer", (why), ""})
#define CH_BAD_ANSWER(why) ((struct ch_answer){CH_UNKNOWN, "bad_answer", (why), ""})

#endif
