/* SPDX-License-Identifier: Apache-2.0
 * Checks a certificate against its profile and against the rules for every certificate (RFC 5280, GM/T 0015). Each rule is a
 * row of a table and has a sentence for people. The rules parse the certificate again; with the code that makes certificates
 * they share nothing but the profile. */
#ifndef CH_PKI_LINT_H
#define CH_PKI_LINT_H

#include "core/pki/profile.h"

struct ch_lint_case {
    struct ch_bytes der;
    X509 *issuer;                     /* NULL: self-signed */
    const struct ch_profile *profile; /* NULL: the general rules only */
    const char *algorithm;            /* the issuer's algorithm, as it appears in the addresses */
    const char *origin, *site;        /* as in struct ch_certificate_plan */
};

struct ch_lint_rule {
    const char *name;     /* "key_usage" */
    const char *sentence; /* tells people what is wrong, in Chinese */
};

/* Returns how many rules the certificate breaks and sets *broken, which is the arena's, to them in the order of the table. */
size_t ch_lint(struct ch_arena *a, const struct ch_lint_case *c, const struct ch_lint_rule ***broken) CH_MUST;
/* The i-th rule of the table; NULL behind the last. */
const struct ch_lint_rule *ch_lint_rule_at(size_t i) CH_MUST;
/* The rule of that name, or NULL. */
const struct ch_lint_rule *ch_lint_rule_find(const char *name) CH_MUST;

#endif
