/* SPDX-License-Identifier: Apache-2.0
 * A certificate held against its profile and against what every certificate must keep (RFC 5280, GM/T 0015): one row a
 * rule, each with a sentence for people. The rules read the certificate anew and share nothing with the code that makes
 * certificates but the profile's row. */
#ifndef CH_PKI_LINT_H
#define CH_PKI_LINT_H

#include "core/pki/profile.h"

struct ch_lint_case {
    struct ch_bytes der;
    X509 *issuer;                     /* NULL: self-signed */
    const struct ch_profile *profile; /* NULL: the general rules only */
    const char *algorithm;            /* of the issuer, its name in the addresses */
    const char *origin, *site;
};

struct ch_lint_rule {
    const char *name;     /* "key_usage" */
    const char *sentence; /* what is wrong when it is broken */
};

/* The rules that the certificate breaks, in the order of the table; returns how many. *broken is the arena's. */
size_t ch_lint(struct ch_arena *a, const struct ch_lint_case *c, const struct ch_lint_rule ***broken) CH_MUST;
/* The i-th rule of the table; NULL behind the last. */
const struct ch_lint_rule *ch_lint_rule_at(size_t i) CH_MUST;
/* The rule of that name, or NULL. */
const struct ch_lint_rule *ch_lint_rule_find(const char *name) CH_MUST;

#endif
