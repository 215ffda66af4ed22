/* SPDX-License-Identifier: Apache-2.0
 * Access tokens, which a vendor issues for a limited time and a limited number of times. A token is kept in a file of the
 * folder `tokens` and shared by all processes of the hall.
 *
 * The file has mode 0600; it is written under another name and renamed. Only one process at a time fetches a token (a lock
 * file stands beside it); the others wait and use that token. The file also records the successful fetches: the hall itself
 * keeps the vendor's limit, so that a fault of ours cannot use up what the vendor allows in a month. A file that cannot be
 * read counts as missing, and is logged. */
#ifndef CH_GATEWAY_TOKEN_H
#define CH_GATEWAY_TOKEN_H

#include "core/gateway/outcome.h"

struct ch_token {
    const char *value;
    int64_t expires; /* seconds since 1970 */
};

struct ch_token_source {
    const char *name;   /* of the file; the vendor's word */
    const char *client; /* whom the token is issued to: a token of another client is not used */
    unsigned limit;     /* how many fetches are allowed (at most 200) within … */
    int64_t period;     /* … this many seconds */
    /* Asks the vendor for a token. On CH_ACCEPTED *out is filled in. Returns and answers as every function of an adapter. */
    enum ch_err (*fetch)(struct ch_arena *a, struct ch_fault *f, struct ch_answer *answer, struct ch_token *out);
};

/* Gives the token of the file, or a fresh one when there is none, when it expires within a minute, or when it is the one that
 * the vendor has just rejected (`rejected`; NULL: none was). When no token can be had, *token is NULL and *answer is
 * CH_UNKNOWN with the reason ("token_limit": the vendor's limit is used up). CH_E_INTERNAL: the folder cannot be written. */
enum ch_err ch_token_get(struct ch_arena *a, struct ch_fault *f, const struct ch_token_source *source,
                         const char *rejected, struct ch_answer *answer, const char **token) CH_MUST;

#endif
