/* SPDX-License-Identifier: Apache-2.0
 * The outcome of a request to a vendor. Every adapter tells these three apart.
 *
 * A function of an adapter returns CH_OK whenever `outcome` can be relied upon, CH_UNKNOWN included. Any other value means
 * that the hall itself is not set up for the call (a key is missing, for example), and that nothing was sent. */
#ifndef CH_GATEWAY_OUTCOME_H
#define CH_GATEWAY_OUTCOME_H

#include "core/base/arena.h"
#include "core/base/error.h"

#include <string.h>

enum ch_outcome {
    CH_UNKNOWN = 0, /* there is no answer, or it cannot be trusted, or it says "later": ask again with the same number */
    CH_ACCEPTED,    /* the vendor has accepted the request */
    CH_REFUSED,     /* the vendor has refused the request, and would refuse it again */
};

struct ch_answer {
    enum ch_outcome outcome;
    const char *code;       /* the vendor's own code ("OUT_TRADE_NO_USED"), or ours in lower case ("no_answer") */
    const char *message;    /* the vendor's sentence, or "" */
    const char *request_id; /* the vendor's id of the request, which its support asks for; or "" */
};

/* The texts of an answer are never NULL: adapters pass what they read through this. */
static inline const char *ch_or_empty(const char *s)
{
    return s != NULL ? s : "";
}

/* Whether a vendor's code is one of these. */
static inline bool ch_code_is_one_of(const char *code, const char *const *codes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

/* Answers that come from us, not from the vendor: nothing arrived, or what arrived could not be read or trusted. */
#define CH_NO_ANSWER(why) ((struct ch_answer){CH_UNKNOWN, "no_answer", (why), ""})
#define CH_BAD_ANSWER(why) ((struct ch_answer){CH_UNKNOWN, "bad_answer", (why), ""})

#endif
