/* SPDX-License-Identifier: Apache-2.0
 * Access tokens that a vendor hands out for a while and not too often: kept in a file of the folder `tokens`, one for
 * all processes of the hall.
 *
 * The file is of mode 0600, written aside and renamed. One process at a time fetches (a lock beside the file), the
 * others wait and take what it brought. Fetches that brought a token are counted in the file: a vendor's limit is kept
 * by the hall itself, so that a fault of ours cannot spend what the vendor allows in a month. A file that cannot be
 * read is as good as none, and is logged. */
#ifndef CH_GATEWAY_TOKEN_H
#define CH_GATEWAY_TOKEN_H

#include "core/gateway/outcome.h"

struct ch_token {
    const char *value;
    int64_t expires; /* seconds since 1970 */
};

struct ch_token_source {
    const char *name;   /* of the file; the vendor's word */
    const char *client; /* whom the token is for: one of another client is not used */
    unsigned limit;     /* so many fetches, at most 200 … */
    int64_t period;     /* … within so many seconds */
    /* Asks the vendor. On CH_ACCEPTED *out is filled in. Returns and answers as every function of an adapter. */
    enum ch_err (*fetch)(struct ch_arena *a, struct ch_fault *f, struct ch_answer *answer, struct ch_token *out);
};

/* The token of the file, or a fresh one when there is none, when it ends within a minute, or when it is `rejected`
 * (what the vendor has just refused; NULL otherwise). *token is NULL when none is to be had: *answer then says why, and
 * is CH_UNKNOWN ("token_limit": the vendor's limit is spent). CH_E_INTERNAL: the folder cannot be written. */
enum ch_err ch_token_get(struct ch_arena *a, struct ch_fault *f, const struct ch_token_source *source,
                         const char *rejected, struct ch_answer *answer, const char **token) CH_MUST;

#endif
